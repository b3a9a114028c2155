package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.input.FaceBatch;
import java.util.Iterator;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Runs the steps of one epoch on a graph and leaves the trained parameters in it. */
public interface Trainer {
  /**
   * What an epoch came to.
   *
   * @param steps steps taken
   * @param images images seen
   * @param loss mean of the steps' losses
   */
  record EpochResult(long steps, long images, double loss) {}

  /** Sees what is done, for progress. */
  interface StepListener {
    void stepped(int images, double loss);
  }

  /**
   * @throws io.sparkface.base.UserError when the loss is not finite, naming the step
   */
  EpochResult epoch(ComputationGraph graph, Iterator<FaceBatch> batches, StepListener listener);
}
