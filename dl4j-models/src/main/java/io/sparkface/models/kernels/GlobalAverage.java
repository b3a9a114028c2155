package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/** y[n, c] = mean over h, w of x[n, h, w, c]. */
public interface GlobalAverage {
  void forward(INDArray x, INDArray y);

  void backward(INDArray gradient, INDArray xGradient);
}
