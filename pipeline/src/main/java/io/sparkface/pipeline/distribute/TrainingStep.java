package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.input.FaceBatch;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** One step of every trainer. */
final class TrainingStep {
  private TrainingStep() {}

  /** Trains {@code graph} on {@code batch} and returns the mean loss of its images. */
  static double take(ComputationGraph graph, FaceBatch batch) {
    INDArray[] labels =
        graph.getNumOutputArrays() == 1
            ? new INDArray[] {batch.labels()}
            : new INDArray[] {batch.labels(), batch.embeddings()};
    graph.fit(new MultiDataSet(new INDArray[] {batch.images()}, labels));
    return graph.score();
  }
}
