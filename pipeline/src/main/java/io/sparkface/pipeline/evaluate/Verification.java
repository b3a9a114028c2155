package io.sparkface.pipeline.evaluate;

import java.util.Arrays;

/**
 * Accuracy of telling same from different pairs by the cosine of their embeddings.
 *
 * @param pairs number of pairs
 * @param accuracy the original's: the best of the thresholds among the highest 10% of different
 *     pairs, on the pairs themselves (spec 7.1 step 5)
 * @param threshold the cosine it is reached at
 * @param tenFoldAccuracy mean over 10 contiguous folds, the threshold chosen on the other nine
 *     (step 6); NaN with fewer than 10 pairs
 * @param tenFoldDeviation population standard deviation over the folds
 */
public record Verification(
    int pairs, double accuracy, double threshold, double tenFoldAccuracy, double tenFoldDeviation) {

  private static final int FOLDS = 10;
  private static final int THRESHOLDS = 400;

  /**
   * @param cosines of each pair
   * @param same whether each pair shows one person
   * @throws IllegalArgumentException when a cosine is not finite
   */
  public static Verification of(double[] cosines, boolean[] same) {
    for (int i = 0; i < cosines.length; i++) {
      if (!Double.isFinite(cosines[i])) {
        throw new IllegalArgumentException("the cosine of pair " + i + " is " + cosines[i]);
      }
    }
    double[] positive = sorted(cosines, same, true);
    double[] negative = sorted(cosines, same, false);
    double[] candidates = candidates(positive, negative);
    double best = -1;
    double threshold = Double.NaN;
    for (double candidate : candidates) {
      double accuracy =
          (double) (above(positive, candidate) + negative.length - above(negative, candidate))
              / cosines.length;
      if (accuracy > best) {
        best = accuracy;
        threshold = candidate;
      }
    }
    double[] folds = tenFold(cosines, same);
    double mean = Arrays.stream(folds).average().orElse(Double.NaN);
    double variance =
        Arrays.stream(folds).map(a -> (a - mean) * (a - mean)).average().orElse(Double.NaN);
    return new Verification(cosines.length, best, threshold, mean, Math.sqrt(variance));
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

  private static double[] tenFold(double[] cosines, boolean[] same) {
    int n = cosines.length;
    if (n < FOLDS) {
      return new double[0];
    }
    // correct[t][f]: pairs of fold f judged right when "same" means squared distance < t / 100
    int[][] correct = new int[THRESHOLDS][FOLDS];
    int[] size = new int[FOLDS];
    int fold = 0;
    int left = foldSize(n, 0);
    for (int i = 0; i < n; i++) {
      while (left == 0) {
        left = foldSize(n, ++fold);
      }
      left--;
      size[fold]++;
      double distance = 2 - 2 * cosines[i];
      for (int t = 0; t < THRESHOLDS; t++) {
        if ((distance < t * 0.01) == same[i]) {
          correct[t][fold]++;
        }
      }
    }
    double[] accuracy = new double[FOLDS];
    for (int f = 0; f < FOLDS; f++) {
      int best = -1;
      int chosen = 0;
      for (int t = 0; t < THRESHOLDS; t++) {
        int others = Arrays.stream(correct[t]).sum() - correct[t][f];
        if (others > best) {
          best = others;
          chosen = t;
        }
      }
      accuracy[f] = (double) correct[chosen][f] / size[f];
    }
    return accuracy;
  }

  /** The first n mod 10 folds have one pair more, as scikit-learn's KFold. */
  private static int foldSize(int n, int fold) {
    return n / FOLDS + (fold < n % FOLDS ? 1 : 0);
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
