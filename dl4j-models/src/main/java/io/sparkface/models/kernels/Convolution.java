package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/** y = x * kernel, shapes as {@link ConvolutionShape} says. */
public interface Convolution {
  void forward(INDArray x, INDArray kernel, INDArray y);

  /** Writes dLoss/dx for {@code gradient} = dLoss/dy. */
  void backwardData(INDArray gradient, INDArray kernel, INDArray xGradient);

  /** Writes dLoss/dkernel for {@code gradient} = dLoss/dy. */
  void backwardKernel(INDArray x, INDArray gradient, INDArray kernelGradient);
}
