package io.sparkface.pipeline.train;

import io.sparkface.base.UserError;
import io.sparkface.models.interop.keras.KerasWeights;
import io.sparkface.models.interop.torch.TorchNetwork;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.checkpoint.TrainingState;
import io.sparkface.pipeline.embed.ModelFile;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network of a stage, and where its weights come from.
 *
 * @param stageIndex of the stage, from 0
 * @param graph with its heads
 */
record StageNetwork(int stageIndex, ComputationGraph graph) implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StageNetwork.class);

  /** Exactly as the checkpoint of this very run left it. */
  static StageNetwork restored(
      int stageIndex, ComputationGraph graph, ModelDirectory checkpoint, TrainingState state)
      throws IOException {
    if (state.weightsStage() == stageIndex) {
      checkpoint.restore(graph);
      checkpoint.restoreUpdater(graph);
    } else {
      StageChange.carryOver(checkpoint.weights(), checkpoint.updater(), graph);
    }
    return new StageNetwork(stageIndex, graph);
  }

  /** With the plan's initial weights. */
  static StageNetwork begun(
      int stageIndex, ComputationGraph graph, ModelDirectory source, TrainPlan.Parts parts)
      throws IOException {
    switch (parts) {
      case BACKBONE -> source.restoreExcept(graph, TrainingGraph.HEADS);
      case MODEL -> {
        source.restoreExcept(graph, TrainingGraph.HEADS);
        StageChange.carryOver(source.weights(), null, graph);
      }
      case CHECKPOINT -> {
        source.restore(graph);
        source.restoreUpdater(graph);
      }
    }
    return new StageNetwork(stageIndex, graph);
  }

  /** With another framework's weights up to the embedding; heads keep their first values. */
  static StageNetwork ofOthers(
      int stageIndex, ComputationGraph graph, ModelFile file, Configuration hadoop) {
    switch (file.format()) {
      case TORCH, MXNET -> TorchNetwork.copy(file.weights(hadoop), graph, file.location());
      case KERAS -> {
        if (!KerasWeights.copy(file.content(hadoop), graph, file.location())) {
          LOG.info("{} has no embedding: it sets the backbone alone", file.location());
        }
      }
      case ONNX ->
          throw new UserError(
              "initial weights cannot be taken from a model of " + file.format().title(),
              "initial.weights = " + file.location(),
              "name a PyTorch state dict, a Keras file or an MXNet model of insightface's, or use"
                  + " the model as a teacher");
    }
    return new StageNetwork(stageIndex, graph);
  }

  /** The next stage's network with this one's weights; this one is closed. */
  StageNetwork next(int nextIndex, ComputationGraph next) {
    Map<String, INDArray> weights = graph.paramTable();
    StageChange.carryOver(weights, graph.getUpdater().getStateViewArray(), next);
    close();
    return new StageNetwork(nextIndex, next);
  }

  @Override
  public void close() {
    graph.close();
  }
}
