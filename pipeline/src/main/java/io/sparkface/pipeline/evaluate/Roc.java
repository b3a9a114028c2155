package io.sparkface.pipeline.evaluate;

import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The receiver operating characteristic of scores: for each threshold t, TAR = share of genuine
 * scores ≥ t, FAR = share of impostor scores ≥ t.
 *
 * <p>Points are those of scikit-learn's {@code roc_curve} with its default thinning: one per
 * distinct score, those dropped whose two neighbouring steps are equal, and (0, 0) in front.
 * Without genuine scores every TAR is NaN, without impostors every FAR.
 */
public final class Roc {
  /** False accept rates the field reports, with their names. */
  private static final Map<String, Double> RATES = rates();

  private final int genuine;
  private final int impostors;
  private final int[] accepted;
  private final int[] falselyAccepted;
  private final double[] thresholds;

  private Roc(
      int genuine, int impostors, int[] accepted, int[] falselyAccepted, double[] thresholds) {
    this.genuine = genuine;
    this.impostors = impostors;
    this.accepted = accepted;
    this.falselyAccepted = falselyAccepted;
    this.thresholds = thresholds;
  }

  private static Map<String, Double> rates() {
    Map<String, Double> rates = new LinkedHashMap<>();
    rates.put("1e-6", 1e-6);
    rates.put("1e-5", 1e-5);
    rates.put("1e-4", 1e-4);
    rates.put("1e-3", 1e-3);
    rates.put("1e-2", 1e-2);
    rates.put("1e-1", 1e-1);
    return rates;
  }

  /**
   * @param same whether a score is genuine
   * @throws IllegalArgumentException when a score is not finite
   */
  public static Roc of(double[] scores, boolean[] same) {
    double[] genuine = new double[scores.length];
    double[] impostor = new double[scores.length];
    int g = 0;
    int n = 0;
    for (int i = 0; i < scores.length; i++) {
      if (same[i]) {
        genuine[g++] = scores[i];
      } else {
        impostor[n++] = scores[i];
      }
    }
    return sorting(Arrays.copyOf(genuine, g), Arrays.copyOf(impostor, n));
  }

  /** As {@link #of(double[], boolean[])}, for millions of scores. */
  public static Roc of(float[] scores, BitSet same) {
    int count = same.cardinality();
    double[] genuine = new double[count];
    double[] impostor = new double[scores.length - count];
    int g = 0;
    int n = 0;
    for (int i = 0; i < scores.length; i++) {
      if (same.get(i)) {
        genuine[g++] = scores[i];
      } else {
        impostor[n++] = scores[i];
      }
    }
    return sorting(genuine, impostor);
  }

  private static Roc sorting(double[] genuine, double[] impostor) {
    Arrays.parallelSort(genuine);
    Arrays.parallelSort(impostor);
    requireFinite(genuine);
    requireFinite(impostor);
    Points points = new Points(genuine.length + impostor.length);
    int g = genuine.length;
    int n = impostor.length;
    while (g > 0 || n > 0) {
      double threshold = Math.max(last(genuine, g), last(impostor, n));
      while (g > 0 && genuine[g - 1] == threshold) {
        g--;
      }
      while (n > 0 && impostor[n - 1] == threshold) {
        n--;
      }
      points.add(genuine.length - g, impostor.length - n, threshold);
    }
    return points.roc(genuine.length, impostor.length);
  }

  /** NaN and infinities lie at an end of a sorted array. */
  private static void requireFinite(double[] sorted) {
    if (sorted.length > 0
        && !(Double.isFinite(sorted[0]) && Double.isFinite(sorted[sorted.length - 1]))) {
      throw new IllegalArgumentException("a score is not finite");
    }
  }

  private static double last(double[] sorted, int count) {
    return count == 0 ? Double.NEGATIVE_INFINITY : sorted[count - 1];
  }

  /** Points from the highest threshold down, thinned as they come. */
  private static final class Points {
    private int[] accepted;
    private int[] falselyAccepted;
    private double[] thresholds;
    private int size = 1;
    private int seen;
    private int lastGenuineStep;
    private int lastImpostorStep;

    Points(int scores) {
      int first = Math.min(scores + 1, 1 << 12);
      accepted = new int[first];
      falselyAccepted = new int[first];
      thresholds = new double[first];
      thresholds[0] = Double.POSITIVE_INFINITY;
    }

    /** The point before is dropped when the step to it equals the step from it. */
    void add(int genuine, int impostors, double threshold) {
      if (seen > 0) {
        int genuineStep = genuine - accepted[size - 1];
        int impostorStep = impostors - falselyAccepted[size - 1];
        // the first point has no step to it: (0, 0) is put in front after thinning
        if (seen > 1 && genuineStep == lastGenuineStep && impostorStep == lastImpostorStep) {
          size--;
        }
        lastGenuineStep = genuineStep;
        lastImpostorStep = impostorStep;
      }
      if (size == accepted.length) {
        int more = Math.multiplyExact(size, 2);
        accepted = Arrays.copyOf(accepted, more);
        falselyAccepted = Arrays.copyOf(falselyAccepted, more);
        thresholds = Arrays.copyOf(thresholds, more);
      }
      accepted[size] = genuine;
      falselyAccepted[size] = impostors;
      thresholds[size++] = threshold;
      seen++;
    }

    Roc roc(int genuine, int impostors) {
      return new Roc(
          genuine,
          impostors,
          Arrays.copyOf(accepted, size),
          Arrays.copyOf(falselyAccepted, size),
          Arrays.copyOf(thresholds, size));
    }
  }

  /** Number of points. */
  public int size() {
    return accepted.length;
  }

  public int genuine() {
    return genuine;
  }

  public int impostors() {
    return impostors;
  }

  /** True accept rate of a point; points go from the highest threshold down. */
  public double tar(int point) {
    return genuine == 0 ? Double.NaN : (double) accepted[point] / genuine;
  }

  /** False accept rate of a point. */
  public double far(int point) {
    return impostors == 0 ? Double.NaN : (double) falselyAccepted[point] / impostors;
  }

  /** Least score that is accepted at a point; infinite at the first, where none is. */
  public double threshold(int point) {
    return thresholds[point];
  }

  /** Area under the curve, by trapezoids. */
  public double auc() {
    double twice = 0;
    for (int i = 1; i < size(); i++) {
      twice +=
          ((double) falselyAccepted[i] - falselyAccepted[i - 1])
              * ((double) accepted[i] + accepted[i - 1]);
    }
    return twice / (2.0 * genuine * impostors);
  }

  /**
   * TAR at the point whose FAR is nearest to {@code far}, which may lie above it; among equally
   * near points the one of the lowest threshold (spec 7.3 step 5, trap 53).
   */
  public double tarAt(double far) {
    if (genuine == 0 || impostors == 0) {
      return Double.NaN;
    }
    int nearest = size() - 1;
    for (int i = size() - 2; i >= 0; i--) {
      if (Math.abs(far(i) - far) < Math.abs(far(nearest) - far)) {
        nearest = i;
      }
    }
    return tar(nearest);
  }

  /** {@link #tarAt} for 1e-6 to 1e-1, by name. */
  public Map<String, Double> tarAtRates() {
    Map<String, Double> table = new LinkedHashMap<>();
    RATES.forEach((name, far) -> table.put(name, tarAt(far)));
    return table;
  }

  /** A few hundred points of the curve: one where TAR or the logarithm of FAR moved enough. */
  public RocCurve curve() {
    if (genuine == 0 || impostors == 0) {
      return new RocCurve(new double[0], new double[0]);
    }
    int[] kept = new int[size()];
    int count = 1;
    for (int i = 1; i < size(); i++) {
      int before = kept[count - 1];
      boolean moved =
          tar(i) - tar(before) > 0.005
              || Math.log10(Math.max(far(i), 1e-9)) - Math.log10(Math.max(far(before), 1e-9))
                  > 0.03;
      if (i == size() - 1 || moved) {
        kept[count++] = i;
      }
    }
    double[] far = new double[count];
    double[] tar = new double[count];
    for (int i = 0; i < count; i++) {
      far[i] = far(kept[i]);
      tar[i] = tar(kept[i]);
    }
    return new RocCurve(far, tar);
  }
}
