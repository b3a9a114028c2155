package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * y = act(x) over NHWC arrays. {@code learnt} holds the activation's values kind by kind, {@code
 * [parametersPerChannel * channels]}, and is null where it has none.
 */
public interface ChannelActivation {
  /** {@code y} may be {@code x}. */
  void forward(INDArray x, INDArray learnt, INDArray y);

  /** Writes dLoss/dx and dLoss/dlearnt for {@code gradient} = dLoss/dy. */
  void backward(
      INDArray x, INDArray learnt, INDArray gradient, INDArray xGradient, INDArray learntGradient);
}
