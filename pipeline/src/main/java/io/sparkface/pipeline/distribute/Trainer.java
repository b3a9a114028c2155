package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.input.FaceBatch;
import java.util.Iterator;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Runs steps on a graph and leaves the trained parameters in it. */
public interface Trainer {
  /**
   * What the steps came to.
   *
   * @param steps steps taken
   * @param images images seen
   * @param loss mean of the steps' losses
   */
  record EpochResult(long steps, long images, double loss) {}

  /** Sees what is done: for progress, and to end the run when a loss is not finite. */
  interface StepListener {
    void stepped(int images, StepLoss loss);
  }

  /**
   * Trains on all of {@code batches}, which are an epoch or a part of one: the run is cut where it
   * is checkpointed or evaluated. Each batch is asked for just before its step.
   */
  EpochResult epoch(ComputationGraph graph, Iterator<FaceBatch> batches, StepListener listener);
}
