package io.sparkface.models.kernels;

/**
 * Everything that fixes a convolution: input {@code [batch, height, width, in]}, kernel {@code
 * [kernelHeight, kernelWidth, in / groups, out]} (output channels group by group, so that a
 * depthwise kernel is {@code [h, w, 1, channels]}), output {@code [batch, outHeight, outWidth,
 * out]}.
 */
public record ConvolutionShape(
    int batch,
    int height,
    int width,
    int in,
    int out,
    int kernelHeight,
    int kernelWidth,
    int stride,
    int groups,
    Padding padding) {

  public int top() {
    return padding.before(height, kernelHeight, stride);
  }

  public int bottom() {
    return padding.after(height, kernelHeight, stride);
  }

  public int left() {
    return padding.before(width, kernelWidth, stride);
  }

  public int right() {
    return padding.after(width, kernelWidth, stride);
  }

  public int outHeight() {
    return padding.output(height, kernelHeight, stride);
  }

  public int outWidth() {
    return padding.output(width, kernelWidth, stride);
  }

  public boolean depthwise() {
    return groups > 1 && groups == in && in == out;
  }

  /** Whether it is a product of matrices: one position in, one out, all channels together. */
  boolean pointwise() {
    return kernelHeight == 1 && kernelWidth == 1 && stride == 1 && groups == 1;
  }

  /** Output positions of all images. */
  long positions() {
    return (long) batch * outHeight() * outWidth();
  }

  public long[] inputShape() {
    return new long[] {batch, height, width, in};
  }

  public long[] kernelShape() {
    return new long[] {kernelHeight, kernelWidth, in / groups, out};
  }

  public long[] outputShape() {
    return new long[] {batch, outHeight(), outWidth(), out};
  }
}
