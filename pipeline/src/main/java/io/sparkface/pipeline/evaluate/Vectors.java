package io.sparkface.pipeline.evaluate;

/** Arithmetic on embeddings, summed in double. */
public final class Vectors {
  private Vectors() {}

  /** Dot product. */
  public static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (double) a[d] * b[d];
    }
    return sum;
  }

  /** Euclidean length. */
  public static double norm(float[] a) {
    return Math.sqrt(dot(a, a));
  }

  /** The row at length 1; a row of zeros stays as it is. */
  public static float[] normalised(float[] row) {
    double norm = norm(row);
    float[] unit = new float[row.length];
    for (int d = 0; d < row.length; d++) {
      unit[d] = norm == 0 ? 0 : (float) (row[d] / norm);
    }
    return unit;
  }
}
