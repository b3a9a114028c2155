package io.sparkface.pipeline.evaluate;

import java.util.Arrays;
import java.util.Map;

/**
 * How well same and different pairs are told apart by the cosine of their embeddings. A figure that
 * the pairs cannot give (no pairs of one kind, fewer than 10 pairs) is NaN.
 *
 * @param pairs number of pairs
 * @param samePairs how many of them show one person
 * @param accuracy the original's: the best of the thresholds among the highest 10% of different
 *     pairs, on the pairs themselves (spec 7.1 step 5)
 * @param threshold the cosine it is reached at
 * @param tenFoldAccuracy mean over 10 contiguous folds, the threshold chosen on the other nine
 *     (step 6): the figure papers report
 * @param tenFoldDeviation population standard deviation over the folds
 * @param validation share of same pairs accepted at a false accept rate of 1e-3 (VAL@FAR), mean
 *     over the folds; see {@link TenFold}
 * @param validationDeviation population standard deviation over the folds
 * @param validationFar false accept rate really met, mean over the folds
 * @param auc area under the ROC
 * @param tarAtFar true accept rate at false accept rates "1e-6" to "1e-1", all pairs at once; see
 *     {@link Roc#tarAt}
 */
public record Verification(
    int pairs,
    int samePairs,
    double accuracy,
    double threshold,
    double tenFoldAccuracy,
    double tenFoldDeviation,
    double validation,
    double validationDeviation,
    double validationFar,
    double auc,
    Map<String, Double> tarAtFar) {

  /**
   * @param cosines of each pair
   * @param same whether each pair shows one person
   * @throws IllegalArgumentException when there is no pair, or a cosine is not finite
   */
  public static Verification of(double[] cosines, boolean[] same) {
    requireFinite(cosines);
    return of(cosines, same, TenFold.ofCosines(cosines, same));
  }

  /**
   * With the ten folds measured on principal components (step 6); everything else as without.
   *
   * @param pairs their embeddings and answers
   * @param components directions kept
   */
  public static Verification withComponents(PairEmbeddings pairs, int components) {
    requireFinite(pairs.cosines());
    return of(
        pairs.cosines(),
        pairs.same(),
        TenFold.ofComponents(pairs.normalised(), pairs.same(), components));
  }

  private static void requireFinite(double[] cosines) {
    if (cosines.length == 0) {
      throw new IllegalArgumentException("there is no pair");
    }
    for (int i = 0; i < cosines.length; i++) {
      if (!Double.isFinite(cosines[i])) {
        throw new IllegalArgumentException("the cosine of pair " + i + " is " + cosines[i]);
      }
    }
  }

  private static Verification of(double[] cosines, boolean[] same, TenFold folds) {
    double[] positive = sorted(cosines, same, true);
    double[] negative = sorted(cosines, same, false);
    double best = -1;
    double threshold = Double.NaN;
    for (double candidate : candidates(positive, negative)) {
      double accuracy =
          (double) (above(positive, candidate) + negative.length - above(negative, candidate))
              / cosines.length;
      if (accuracy > best) {
        best = accuracy;
        threshold = candidate;
      }
    }
    Roc roc = Roc.of(cosines, same);
    return new Verification(
        cosines.length,
        positive.length,
        best,
        threshold,
        folds.accuracy(),
        folds.deviation(),
        folds.validation(),
        folds.validationDeviation(),
        folds.validationFar(),
        roc.auc(),
        roc.tarAtRates());
  }

  /**
   * The k = int(0.1 n) largest cosines of different pairs, all of them where k is 0. A set without
   * different pairs has one candidate, just below its least cosine.
   */
  private static double[] candidates(double[] positive, double[] negative) {
    if (negative.length == 0) {
      return new double[] {Math.nextDown(positive[0])};
    }
    int k = (int) (0.1 * negative.length);
    return k == 0 ? negative : Arrays.copyOfRange(negative, negative.length - k, negative.length);
  }

  private static double[] sorted(double[] cosines, boolean[] same, boolean wanted) {
    double[] chosen = new double[cosines.length];
    int n = 0;
    for (int i = 0; i < cosines.length; i++) {
      if (same[i] == wanted) {
        chosen[n++] = cosines[i];
      }
    }
    chosen = Arrays.copyOf(chosen, n);
    Arrays.sort(chosen);
    return chosen;
  }

  private static int above(double[] sorted, double threshold) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] > threshold) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return sorted.length - low;
  }
}
