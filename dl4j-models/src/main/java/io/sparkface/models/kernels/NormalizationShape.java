package io.sparkface.models.kernels;

/**
 * What fixes a normalisation of {@code [batch, height, width, channels]} over all but the last
 * axis, and the activation behind it.
 *
 * @param epsilon added to the variance
 */
public record NormalizationShape(
    int batch, int height, int width, int channels, double epsilon, Activation activation) {

  /** Values each channel's statistics are taken over. */
  public long rows() {
    return (long) batch * height * width;
  }

  public long[] shape() {
    return new long[] {batch, height, width, channels};
  }
}
