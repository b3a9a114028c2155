package io.sparkface.datasets.images;

/**
 * What a row or column of a resized picture is made of.
 *
 * @param first source position of the first weight; may lie outside
 * @param size positions of the source
 * @param weights that add up to 1
 */
record CubicTaps(int first, int size, float[] weights) {
  /** Of Keys' family, as Pillow and TensorFlow choose it. */
  private static final double A = -0.5;

  /** For position {@code to} of {@code newSize}. */
  static CubicTaps of(int to, int size, int newSize) {
    double scale = Math.max(1, (double) size / newSize);
    double centre = (to + 0.5) * size / newSize - 0.5;
    int first = (int) Math.ceil(centre - 2 * scale);
    int last = (int) Math.floor(centre + 2 * scale);
    float[] weights = new float[last - first + 1];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      double weight = kernel((first + i - centre) / scale);
      weights[i] = (float) weight;
      sum += weight;
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= (float) sum;
    }
    return new CubicTaps(first, size, weights);
  }

  /** Source position of a weight, those outside taken to the border. */
  int position(int weight) {
    return Math.max(0, Math.min(first + weight, size - 1));
  }

  private static double kernel(double distance) {
    double x = Math.abs(distance);
    if (x < 1) {
      return (A + 2) * x * x * x - (A + 3) * x * x + 1;
    }
    return x < 2 ? A * (x * x * x - 5 * x * x + 8 * x - 4) : 0;
  }
}
