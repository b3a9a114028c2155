package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * y = act((x - mean) / sqrt(variance + epsilon) * gamma + beta) with mean and (biased) variance of
 * the batch. {@code scaleShift} is {@code [2, channels]}: gamma, then beta; {@code alpha} holds the
 * activation's learnt values and is null where it has none. Keeps from {@link #forward} what {@link
 * #backward} needs.
 */
public interface Normalization {
  void forward(INDArray x, INDArray scaleShift, INDArray alpha, INDArray y);

  /**
   * Writes the gradients for the preceding {@link #forward}; {@code xGradient} may be the same
   * array as {@code gradient}.
   */
  void backward(
      INDArray x,
      INDArray scaleShift,
      INDArray alpha,
      INDArray gradient,
      INDArray xGradient,
      INDArray scaleShiftGradient,
      INDArray alphaGradient);

  /**
   * running = momentum * running + (1 - momentum) * batch for {@code [2, channels]}: mean, then
   * variance. As in TensorFlow and PyTorch the batch's variance enters unbiased.
   */
  void updateRunning(INDArray statistics, double momentum);
}
