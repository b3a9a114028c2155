package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * y = act((x * kernel) * scale[channel] + shift[channel]), the scale multiplied into the kernel.
 */
public interface FoldedConvolution {
  /** Takes new parameters; they are copied. {@code alpha} may be null. */
  void prepare(INDArray kernel, INDArray scale, INDArray shift, INDArray alpha);

  void forward(INDArray x, INDArray y);

  /** What becomes of what the output holds already. */
  enum Result {
    REPLACES,
    IS_ADDED
  }
}
