package io.sparkface.models.kernels;

/** How a convolution's input is extended with zeros. */
public enum Padding {
  /** Nothing is added. */
  VALID,
  /** TensorFlow's SAME: output size ceil(n / stride), the odd row or column at the end. */
  SAME,
  /** {@code kernel / 2} on each side, as PyTorch and MXNet models have it. */
  SYMMETRIC,
  /** {@code kernel / 2} at the end only: the strided depthwise convolutions of MobileNet V1. */
  TRAILING;

  /** Rows (columns) added before the first one. */
  public int before(int size, int kernel, int stride) {
    return switch (this) {
      case VALID, TRAILING -> 0;
      case SAME -> same(size, kernel, stride) / 2;
      case SYMMETRIC -> kernel / 2;
    };
  }

  /** Rows (columns) added after the last one. */
  public int after(int size, int kernel, int stride) {
    return switch (this) {
      case VALID -> 0;
      case SAME -> same(size, kernel, stride) - same(size, kernel, stride) / 2;
      case SYMMETRIC, TRAILING -> kernel / 2;
    };
  }

  /** Rows (columns) of the output. */
  public int output(int size, int kernel, int stride) {
    return (size + before(size, kernel, stride) + after(size, kernel, stride) - kernel) / stride
        + 1;
  }

  private static int same(int size, int kernel, int stride) {
    return Math.max(((size + stride - 1) / stride - 1) * stride + kernel - size, 0);
  }
}
