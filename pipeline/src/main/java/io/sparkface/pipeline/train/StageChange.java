package io.sparkface.pipeline.train;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From one stage's graph to the next: backbone and embedding keep their weights, a head only where
 * its shape is the same, so that 3 sub-centres → 1 really gives a new head (trap 30). Momentum
 * starts anew.
 */
final class StageChange {
  private static final Logger LOG = LoggerFactory.getLogger(StageChange.class);

  private StageChange() {}

  static void carryOver(ComputationGraph from, ComputationGraph to) {
    carryOver(from.paramTable(), to);
    from.close();
  }

  static void carryOver(Map<String, INDArray> from, ComputationGraph to) {
    to.paramTable()
        .forEach(
            (name, parameter) -> {
              INDArray old = from.get(name);
              if (old != null && Arrays.equals(old.shape(), parameter.shape())) {
                parameter.assign(old);
              } else {
                LOG.info("new parameter {} {}", name, Arrays.toString(parameter.shape()));
              }
            });
  }
}
