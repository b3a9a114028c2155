package io.sparkface.pipeline.distribute;

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
      steps++;
      images += batch.size();
      loss += score;
      listener.stepped(batch.size(), score);
    }
    return new EpochResult(steps, images, steps == 0 ? 0 : loss / steps);
  }
}
