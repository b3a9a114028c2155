package io.sparkface.pipeline.train;

import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.util.Map;

/** The models a run writes: checkpoints, the best one, the last one. */
final class RunModels {
  private final TrainingInputs inputs;
  private final RunState state;
  private final TrainedNetwork network;

  RunModels(TrainingInputs inputs, RunState state, TrainedNetwork network) {
    this.inputs = inputs;
    this.state = state;
    this.network = network;
  }

  /** From which the run can go on after the step it has done. */
  void checkpoint() throws IOException {
    ModelDirectory.writeCheckpoint(
        inputs.directory().checkpoint(state.position().step()),
        card(),
        network.graph(),
        state.stored(network.stageIndex(), inputs.plan().fingerprint()),
        inputs.hadoop());
    inputs.directory().keepNewest(inputs.plan().checkpoint().kept());
  }

  void best() throws IOException {
    ModelDirectory.write(inputs.directory().best(), card(), network.graph(), inputs.hadoop());
  }

  void last() throws IOException {
    ModelDirectory.write(inputs.directory().model(), card(), network.graph(), inputs.hadoop());
  }

  private ModelCard card() {
    TrainPlan plan = inputs.plan();
    TrainPlan.Stage stage = plan.stages().get(network.stageIndex());
    return new ModelCard(
        ModelCard.FORMAT,
        plan.network(),
        inputs.faces().identities(),
        stage.subCentres(),
        stage.loss().name(),
        stage.taught() ? inputs.teacherWidth() : 0,
        ModelCard.INPUT,
        Map.of(
            "faces", plan.data().faces(),
            "rows", Long.toString(inputs.faces().manifest().rows()),
            "fingerprint", inputs.faces().fingerprint()),
        plan.described(),
        state.scores());
  }
}
