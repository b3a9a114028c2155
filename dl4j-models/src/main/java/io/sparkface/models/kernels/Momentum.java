package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The memory-bound half of SGD with classic momentum μ: v ← μv - ηg, then g ← -v. */
public interface Momentum {
  /**
   * @param gradient g, one row; becomes what is to be taken off the weights
   * @param velocity v, one row
   * @param rate η
   */
  void step(INDArray gradient, INDArray velocity, double rate);
}
