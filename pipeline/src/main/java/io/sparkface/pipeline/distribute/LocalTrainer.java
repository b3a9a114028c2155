package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.input.FaceBatch;
import java.util.Iterator;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** All steps in this JVM, on all cores it is given. */
public final class LocalTrainer implements Trainer {
  @Override
  public EpochResult epoch(
      ComputationGraph graph, Iterator<FaceBatch> batches, StepListener listener) {
    long steps = 0;
    long images = 0;
    double loss = 0;
    while (batches.hasNext()) {
      FaceBatch batch = batches.next();
      StepLoss score = TrainingStep.take(graph, batch);
      steps++;
      images += batch.size();
      loss += score.sum();
      listener.stepped(batch.size(), score);
    }
    return new EpochResult(steps, images, steps == 0 ? 0 : loss / steps);
  }
}
