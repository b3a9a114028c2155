package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

final class Nd4jGlobalAverage implements GlobalAverage {
  private final int positions;

  Nd4jGlobalAverage(int positions) {
    this.positions = positions;
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    y.assign(x.mean(1, 2).reshape(y.shape()));
  }

  @Override
  public void backward(INDArray gradient, INDArray xGradient) {
    long batch = xGradient.size(0);
    long channels = xGradient.size(3);
    INDArray share = gradient.reshape(batch, 1, channels).div(positions);
    xGradient.assign(share.broadcast(batch, positions, channels).reshape(xGradient.shape()));
  }
}
