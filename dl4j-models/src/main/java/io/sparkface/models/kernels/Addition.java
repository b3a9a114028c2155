package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/** sum = left + right; {@code sum} may be {@code left}. */
public interface Addition {
  void forward(INDArray left, INDArray right, INDArray sum);
}
