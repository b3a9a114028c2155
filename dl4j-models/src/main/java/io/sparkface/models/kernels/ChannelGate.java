package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/** y[n, h, w, c] = x[n, h, w, c] * gate[n, c]; gates and their like are {@code [n, c]}. */
public interface ChannelGate {
  void forward(INDArray x, INDArray gate, INDArray y);

  /**
   * Writes dLoss/dgate, the sum of x * gradient over height and width; {@code product} is
   * overwritten and as large as {@code x}.
   */
  void backwardGate(INDArray x, INDArray gradient, INDArray product, INDArray gateGradient);

  /** xGradient[n, h, w, c] = gradient[n, h, w, c] * gate[n, c] + added[n, c]. */
  void backwardData(INDArray gradient, INDArray gate, INDArray added, INDArray xGradient);
}
