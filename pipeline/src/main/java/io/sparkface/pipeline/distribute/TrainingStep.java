package io.sparkface.pipeline.distribute;

import io.sparkface.models.heads.Head;
import io.sparkface.models.optim.SharpnessAwareStep;
import io.sparkface.pipeline.input.FaceBatch;
import io.sparkface.pipeline.metrics.JobMetrics;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** One step of every trainer. */
final class TrainingStep {
  private TrainingStep() {}

  /** Trains {@code graph} on {@code batch} and returns what it came to. */
  static StepLoss take(ComputationGraph graph, FaceBatch batch) {
    INDArray[] labels = new INDArray[graph.getNumOutputArrays()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] =
          switch (((Head) graph.getOutputLayer(i).conf().getLayer()).labels()) {
            case CLASSES -> batch.labels();
            case TEACHER -> batch.embeddings();
          };
    }
    MultiDataSet given = new MultiDataSet(new INDArray[] {batch.images()}, labels);
    SharpnessAwareStep.of(graph).ifPresentOrElse(step -> step.fit(given), () -> graph.fit(given));
    StepLoss loss = StepLoss.of(graph);
    JobMetrics.trained(batch.size(), loss.sum());
    return loss;
  }
}
