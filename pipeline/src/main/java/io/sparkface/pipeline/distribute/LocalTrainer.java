package io.sparkface.pipeline.distribute;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.input.FaceBatch;
import java.util.Iterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

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
      INDArray[] labels =
          graph.getNumOutputArrays() == 1
              ? new INDArray[] {batch.labels()}
              : new INDArray[] {batch.labels(), batch.embeddings()};
      graph.fit(new MultiDataSet(new INDArray[] {batch.images()}, labels));
      double score = graph.score();
      if (!Double.isFinite(score)) {
        throw new UserError(
            "the loss is " + score + " at step " + (steps + 1) + " of this epoch",
            "optimiser.learning-rate",
            "lower the learning rate or the scale, or add schedule.warm-up-epochs; the last checkpoint"
                + " is from before this epoch");
      }
      steps++;
      images += batch.size();
      loss += score;
      listener.stepped(batch.size(), score);
    }
    return new EpochResult(steps, images, loss / steps);
  }
}
