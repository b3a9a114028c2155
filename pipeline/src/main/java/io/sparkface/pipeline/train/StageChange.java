package io.sparkface.pipeline.train;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From one stage's graph to the next: backbone and embedding keep their weights, a head only where
 * its shape is the same, so that 3 sub-centres → 1 really gives a new head (trap 30). The
 * optimiser's state is kept where all parameters are, and starts anew otherwise.
 */
final class StageChange {
  private static final Logger LOG = LoggerFactory.getLogger(StageChange.class);

  private StageChange() {}

  /**
   * @param updater the optimiser's state as one vector, or null without one
   */
  static void carryOver(Map<String, INDArray> from, INDArray updater, ComputationGraph to) {
    boolean all = from.size() == to.paramTable().size();
    for (Map.Entry<String, INDArray> parameter : to.paramTable().entrySet()) {
      INDArray old = from.get(parameter.getKey());
      INDArray value = parameter.getValue();
      if (old != null && Arrays.equals(old.shape(), value.shape())) {
        value.assign(old);
      } else {
        all = false;
        LOG.info("new parameter {} {}", parameter.getKey(), Arrays.toString(value.shape()));
      }
    }
    INDArray state = to.getUpdater().getStateViewArray();
    if (all && updater != null && state != null && state.length() == updater.length()) {
      state.assign(updater.reshape(state.shape()));
    }
  }
}
