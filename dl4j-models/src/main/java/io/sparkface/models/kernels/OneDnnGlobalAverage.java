package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

final class OneDnnGlobalAverage implements GlobalAverage {
  private final OneDnnPooling pooling;

  OneDnnGlobalAverage(int batch, int height, int width, int channels) {
    pooling = OneDnnPooling.overAll(batch, height, width, channels);
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    pooling.forward(x, y);
  }

  @Override
  public void backward(INDArray gradient, INDArray xGradient) {
    pooling.backward(null, gradient, xGradient);
  }
}
