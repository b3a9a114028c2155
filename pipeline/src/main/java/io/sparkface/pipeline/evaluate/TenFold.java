package io.sparkface.pipeline.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Ten contiguous, unshuffled folds; what is measured on one uses a threshold chosen on the other
 * nine (spec 7.1 step 6). Pairs are called same where the squared distance of their normalised
 * embeddings is below the threshold. NaN where there are fewer than ten pairs, or where no fold has
 * pairs of the kind needed.
 *
 * @param accuracy mean of the folds, thresholds 0 to 3.99 by 0.01, the first best one
 * @param deviation population standard deviation of the folds
 * @param validation mean share of same pairs accepted (VAL) at the threshold where the false accept
 *     rate of the other folds reaches {@link #TARGET}: thresholds 0 to 3.999 by 0.001, linear
 *     between them, 0 where the rate is never reached
 * @param validationDeviation population standard deviation of the folds
 * @param validationFar mean false accept rate of the folds at those thresholds
 */
public record TenFold(
    double accuracy,
    double deviation,
    double validation,
    double validationDeviation,
    double validationFar) {

  /** False accept rate VAL is reported at. */
  public static final double TARGET = 1e-3;

  private static final int FOLDS = 10;
  private static final double[] COARSE = grid(400, 0.01);
  private static final double[] FINE = grid(4000, 0.001);
  private static final TenFold UNDEFINED =
      new TenFold(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  /** Squared distances 2 - 2 cos of normalised embeddings. */
  static TenFold ofCosines(double[] cosines, boolean[] same) {
    double[] distances = Arrays.stream(cosines).map(cosine -> 2 - 2 * cosine).toArray();
    return of(fold -> distances, same);
  }

  /**
   * With principal components fitted on the other nine folds, and embeddings normalised again after
   * the projection.
   *
   * @param embeddings normalised, pair i at 2 i and 2 i + 1
   */
  static TenFold ofComponents(float[][] embeddings, boolean[] same, int components) {
    return of(
        fold -> {
          int from = start(same.length, fold);
          int to = start(same.length, fold + 1);
          List<float[]> others = new ArrayList<>();
          for (int i = 0; i < same.length; i++) {
            if (i < from || i >= to) {
              others.add(embeddings[2 * i]);
              others.add(embeddings[2 * i + 1]);
            }
          }
          PrincipalComponents fitted = PrincipalComponents.fit(others, components);
          double[] distances = new double[same.length];
          for (int i = 0; i < distances.length; i++) {
            distances[i] =
                distance(fitted.project(embeddings[2 * i]), fitted.project(embeddings[2 * i + 1]));
          }
          return distances;
        },
        same);
  }

  private static TenFold of(IntFunction<double[]> distancesOfFold, boolean[] same) {
    if (same.length < FOLDS) {
      return UNDEFINED;
    }
    double[] accuracy = new double[FOLDS];
    double[] validation = new double[FOLDS];
    double[] far = new double[FOLDS];
    for (int fold = 0; fold < FOLDS; fold++) {
      double[] distances = distancesOfFold.apply(fold);
      int from = start(same.length, fold);
      int to = start(same.length, fold + 1);
      Side coarseOthers = Side.outside(from, to, distances, same, COARSE);
      int best = 0;
      for (int t = 1; t < COARSE.length; t++) {
        if (coarseOthers.correct(t) > coarseOthers.correct(best)) {
          best = t;
        }
      }
      accuracy[fold] =
          (double) Side.inside(from, to, distances, same, COARSE).correct(best) / (to - from);
      double threshold = Side.outside(from, to, distances, same, FINE).thresholdAt(TARGET);
      if (Double.isNaN(threshold)) {
        validation[fold] = Double.NaN;
        far[fold] = Double.NaN;
        continue;
      }
      Side tested = Side.inside(from, to, distances, same, new double[] {threshold});
      validation[fold] = (double) tested.sameBelow[0] / tested.same;
      far[fold] = (double) tested.differentBelow[0] / tested.different;
    }
    return new TenFold(
        mean(accuracy), deviation(accuracy), mean(validation), deviation(validation), mean(far));
  }

  /** How many pairs of some folds lie below each threshold. */
  private static final class Side {
    private final double[] thresholds;
    private final int[] sameBelow;
    private final int[] differentBelow;
    private int same;
    private int different;

    private Side(double[] thresholds) {
      this.thresholds = thresholds;
      this.sameBelow = new int[thresholds.length];
      this.differentBelow = new int[thresholds.length];
    }

    static Side inside(int from, int to, double[] distances, boolean[] same, double[] thresholds) {
      Side side = new Side(thresholds);
      for (int i = from; i < to; i++) {
        side.add(distances[i], same[i]);
      }
      return side.cumulated();
    }

    static Side outside(int from, int to, double[] distances, boolean[] same, double[] thresholds) {
      Side side = new Side(thresholds);
      for (int i = 0; i < distances.length; i++) {
        if (i < from || i >= to) {
          side.add(distances[i], same[i]);
        }
      }
      return side.cumulated();
    }

    private void add(double distance, boolean isSame) {
      int first = Arrays.binarySearch(thresholds, distance);
      first = first < 0 ? -first - 1 : first + 1;
      int[] below = isSame ? sameBelow : differentBelow;
      if (first < below.length) {
        below[first]++;
      }
      if (isSame) {
        same++;
      } else {
        different++;
      }
    }

    private Side cumulated() {
      Arrays.parallelPrefix(sameBelow, Integer::sum);
      Arrays.parallelPrefix(differentBelow, Integer::sum);
      return this;
    }

    int correct(int threshold) {
      return sameBelow[threshold] + different - differentBelow[threshold];
    }

    /** NaN without different pairs: no rate can be told. */
    double thresholdAt(double far) {
      if (different == 0) {
        return Double.NaN;
      }
      int last = thresholds.length - 1;
      if (rate(last) < far) {
        return 0;
      }
      int below = 0;
      while (below < last && rate(below + 1) <= far) {
        below++;
      }
      if (below == last || rate(below) == far) {
        return thresholds[below];
      }
      double share = (far - rate(below)) / (rate(below + 1) - rate(below));
      return thresholds[below] + share * (thresholds[below + 1] - thresholds[below]);
    }

    private double rate(int threshold) {
      return (double) differentBelow[threshold] / different;
    }
  }

  /** The first n mod 10 folds have one pair more, as scikit-learn's KFold. */
  private static int start(int pairs, int fold) {
    return fold * (pairs / FOLDS) + Math.min(fold, pairs % FOLDS);
  }

  private static double distance(double[] a, double[] b) {
    double normA = norm(a);
    double normB = norm(b);
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      double difference = a[d] / normA - b[d] / normB;
      sum += difference * difference;
    }
    return sum;
  }

  /** 1 for a row of zeros, which then stays as it is. */
  private static double norm(double[] row) {
    double norm = Math.sqrt(Arrays.stream(row).map(x -> x * x).sum());
    return norm == 0 ? 1 : norm;
  }

  private static double[] grid(int count, double step) {
    double[] thresholds = new double[count];
    for (int i = 0; i < count; i++) {
      thresholds[i] = i * step;
    }
    return thresholds;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    return Math.sqrt(mean(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).toArray()));
  }
}
