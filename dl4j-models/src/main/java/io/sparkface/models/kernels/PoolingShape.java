package io.sparkface.models.kernels;

/**
 * What fixes a pooling of {@code [batch, height, width, channels]} over square windows. Positions
 * outside the image count neither for the largest nor for the mean value, as in TensorFlow.
 */
public record PoolingShape(
    Kind kind,
    int batch,
    int height,
    int width,
    int channels,
    int kernel,
    int stride,
    Padding padding) {

  /** What a window becomes. */
  public enum Kind {
    MAX,
    AVERAGE
  }

  public int outHeight() {
    return padding.output(height, kernel, stride);
  }

  public int outWidth() {
    return padding.output(width, kernel, stride);
  }

  public long[] inputShape() {
    return new long[] {batch, height, width, channels};
  }

  public long[] outputShape() {
    return new long[] {batch, outHeight(), outWidth(), channels};
  }
}
