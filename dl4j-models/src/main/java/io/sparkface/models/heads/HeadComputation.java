package io.sparkface.models.heads;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes a head; one per network, so it may keep buffers. */
public interface HeadComputation {
  /** What the head gives in inference [N, out]; it may be a buffer of the computation. */
  INDArray activate(INDArray input, Map<String, INDArray> parameters);

  /**
   * Writes gradients and state.
   *
   * @return the loss summed over the batch
   */
  double backward(HeadStep step);
}
