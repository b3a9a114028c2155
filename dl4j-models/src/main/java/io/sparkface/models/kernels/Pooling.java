package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/** y = the largest or mean value of each window of x. */
public interface Pooling {
  void forward(INDArray x, INDArray y);

  /** Writes dLoss/dx for {@code gradient} = dLoss/dy of the preceding {@link #forward}. */
  void backward(INDArray x, INDArray gradient, INDArray xGradient);
}
