package io.sparkface.pipeline.export;

/**
 * How alike two networks' embeddings of the same pictures are.
 *
 * @param pictures compared
 * @param maxDifference largest difference of two numbers, as a share of the largest number (or of
 *     1, when all are smaller)
 * @param leastCosine of the two embeddings of one picture
 * @param meanCosine over all pictures
 */
public record Agreement(int pictures, double maxDifference, double leastCosine, double meanCosine) {
  private static final double FLOAT32_TOLERANCE = 1e-4;

  /** Compares row by row. */
  static Agreement of(float[][] expected, float[][] found) {
    double largest = 1;
    double difference = 0;
    double least = 1;
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      double product = 0;
      double squares = 0;
      double otherSquares = 0;
      for (int d = 0; d < expected[i].length; d++) {
        double a = expected[i][d];
        double b = found[i][d];
        largest = Math.max(largest, Math.abs(a));
        // not Math.max alone: a NaN must not pass
        difference =
            Double.isNaN(b) ? Double.POSITIVE_INFINITY : Math.max(difference, Math.abs(a - b));
        product += a * b;
        squares += a * a;
        otherSquares += b * b;
      }
      double norms = Math.sqrt(squares) * Math.sqrt(otherSquares);
      double cosine = norms > 0 ? product / norms : squares == otherSquares ? 1 : 0;
      least = Math.min(least, cosine);
      sum += cosine;
    }
    return new Agreement(expected.length, difference / largest, least, sum / expected.length);
  }

  /** Whether this is good enough for {@code precision}. */
  boolean suffices(Precision precision) {
    return leastCosine >= precision.leastCosine()
        && (precision != Precision.FLOAT32 || maxDifference <= FLOAT32_TOLERANCE);
  }
}
