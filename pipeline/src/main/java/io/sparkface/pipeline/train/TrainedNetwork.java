package io.sparkface.pipeline.train;

import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.embed.ModelFile;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The network that a run trains, which changes with its stages. */
final class TrainedNetwork implements AutoCloseable {
  private final TrainingInputs inputs;
  private final Optional<ModelDirectory> source;
  private StageNetwork current;

  /**
   * @param source the checkpoint the run goes on from, if any
   */
  TrainedNetwork(TrainingInputs inputs, Optional<ModelDirectory> source) {
    this.inputs = inputs;
    this.source = source;
  }

  /** Makes the network of a stage the one that is trained. */
  void enter(int stageIndex) throws IOException {
    if (current != null && current.stageIndex() == stageIndex) {
      return;
    }
    TrainPlan plan = inputs.plan();
    TrainPlan.Stage stage = plan.stages().get(stageIndex);
    ComputationGraph graph =
        TrainingGraph.of(
            plan, stage, inputs.faces().identities(), inputs.teacherWidth(), inputs.rate(stage));
    InitialCentres.of(stage, inputs.hadoop()).ifPresent(file -> file.copyTo(graph));
    if (current != null) {
      current = current.next(stageIndex, graph);
    } else if (source.isPresent()) {
      current = StageNetwork.restored(stageIndex, graph, source.get(), source.get().state());
    } else {
      current = begun(stageIndex, graph, plan.initial());
    }
  }

  private StageNetwork begun(int stageIndex, ComputationGraph graph, TrainPlan.Initial initial)
      throws IOException {
    if (initial.weights().isEmpty()) {
      return new StageNetwork(stageIndex, graph);
    }
    Optional<ModelFile> foreign = ModelFile.named(initial.weights());
    if (foreign.isPresent()) {
      return StageNetwork.ofOthers(stageIndex, graph, foreign.get(), inputs.hadoop());
    }
    ModelDirectory weights = ModelDirectory.open(initial.weights(), inputs.hadoop());
    return StageNetwork.begun(stageIndex, graph, weights, initial.parts());
  }

  /** Whether a stage was entered. */
  boolean entered() {
    return current != null;
  }

  ComputationGraph graph() {
    return current.graph();
  }

  int stageIndex() {
    return current.stageIndex();
  }

  @Override
  public void close() {
    if (current != null) {
      current.close();
    }
  }
}
