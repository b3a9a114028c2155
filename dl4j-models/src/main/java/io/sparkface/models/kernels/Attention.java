package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * y = softmax(scale * Q (K + R)') V for each image and head of an {@link AttentionShape}; R[i, j]
 * is the sum of the vectors of the vertical and the horizontal distance from place i to place j, or
 * 0. {@code y} is {@code [batch, height, width, heads * size]}.
 */
public interface Attention {
  /**
   * @param positions {@code [distances, size]}, null without
   */
  void forward(INDArray queriesKeysValues, INDArray positions, INDArray y);

  /**
   * From dLoss/dy, after {@link #forward} with the same arrays.
   *
   * @param room {@code [batch * heads, length, length]}, overwritten
   */
  void backward(
      INDArray queriesKeysValues,
      INDArray positions,
      INDArray gradient,
      INDArray room,
      INDArray xGradient,
      INDArray positionsGradient);
}
