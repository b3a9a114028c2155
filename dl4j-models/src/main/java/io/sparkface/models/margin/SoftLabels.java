package io.sparkface.models.margin;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Which class each row belongs to, or which two where images were mixed.
 *
 * @param first class of each row
 * @param second the other class of each row, the same as {@code first} where there is none
 * @param share of the first class in each row, from 0 to 1
 */
public record SoftLabels(int[] first, int[] second, double[] share) {
  private static final int MIXED_COLUMNS = 3;

  /** One class a row. */
  public static SoftLabels of(int... classes) {
    double[] whole = new double[classes.length];
    Arrays.fill(whole, 1);
    return new SoftLabels(classes, classes, whole);
  }

  /**
   * Reads DL4J's label array: [N, 1] class numbers, or [N, 3] first class, second class and the
   * first's share.
   *
   * @throws IllegalArgumentException for another shape or a class not in 0 to classes - 1
   */
  public static SoftLabels read(INDArray labels, int classes) {
    int rows = (int) labels.size(0);
    boolean mixed = labels.size(1) == MIXED_COLUMNS;
    if (!mixed && labels.size(1) != 1) {
      throw new IllegalArgumentException(
          "labels of " + labels.size(1) + " columns; 1 or 3 are known");
    }
    int[] first = new int[rows];
    int[] second = new int[rows];
    double[] share = new double[rows];
    for (int i = 0; i < rows; i++) {
      first[i] = inRange(labels.getDouble(i, 0), classes);
      second[i] = mixed ? inRange(labels.getDouble(i, 1), classes) : first[i];
      share[i] = mixed ? labels.getDouble(i, 2) : 1;
    }
    return new SoftLabels(first, second, share);
  }

  private static int inRange(double label, int classes) {
    if (!(label >= 0 && label < classes) || label != Math.rint(label)) {
      throw new IllegalArgumentException("label " + label + " of " + classes + " classes");
    }
    return (int) label;
  }

  /** The same with each class replaced by its place in {@code chosen}, which is ascending. */
  SoftLabels within(int[] chosen) {
    return new SoftLabels(places(first, chosen), places(second, chosen), share);
  }

  private static int[] places(int[] classes, int[] chosen) {
    return Arrays.stream(classes).map(c -> Arrays.binarySearch(chosen, c)).toArray();
  }

  int rows() {
    return first.length;
  }

  /** Whether row {@code i} has two classes, both of some weight. */
  boolean mixed(int i) {
    return first[i] != second[i] && share[i] > 0 && share[i] < 1;
  }

  /** The class of each row; of two, the weightier. */
  public int[] mains() {
    int[] classes = new int[rows()];
    Arrays.setAll(classes, i -> share[i] < .5 ? second[i] : first[i]);
    return classes;
  }

  /** The weightier of the only, or the first of two classes. */
  int main(int i) {
    return share[i] > 0 ? first[i] : second[i];
  }

  /** Weight of {@link #main}. */
  double mainShare(int i) {
    return mixed(i) ? share[i] : 1;
  }
}
