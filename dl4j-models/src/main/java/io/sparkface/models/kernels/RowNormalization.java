package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layer normalisation of rows: y[r, c] = gamma[c] (x[r, c] - mean[r]) / sqrt(variance[r] + epsilon)
 * + beta[c] with mean and variance over a row's channels. Scale and shift are {@code [2,
 * channels]}: gamma, beta.
 */
public interface RowNormalization {
  void forward(INDArray x, INDArray scaleShift, INDArray y);

  /** From dLoss/dy; may use what the last {@link #forward} of the same x kept. */
  void backward(
      INDArray x,
      INDArray scaleShift,
      INDArray gradient,
      INDArray xGradient,
      INDArray scaleShiftGradient);
}
