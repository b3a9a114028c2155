package io.sparkface.pipeline.evaluate;

/** Arithmetic on embeddings, summed in double. */
final class Vectors {
  private Vectors() {}

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (double) a[d] * b[d];
    }
    return sum;
  }

  static double norm(float[] a) {
    return Math.sqrt(dot(a, a));
  }

  /** A row of zeros stays as it is. */
  static float[] normalised(float[] row) {
    double norm = norm(row);
    float[] unit = new float[row.length];
    for (int d = 0; d < row.length; d++) {
      unit[d] = norm == 0 ? 0 : (float) (row[d] / norm);
    }
    return unit;
  }
}
