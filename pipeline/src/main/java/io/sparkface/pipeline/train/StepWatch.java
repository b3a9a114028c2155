package io.sparkface.pipeline.train;

import io.sparkface.base.Progress;
import io.sparkface.pipeline.distribute.EpochTrainer;
import io.sparkface.pipeline.distribute.StepLoss;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Follows the steps of an epoch: counts them, shows how it goes, logs one now and then.
 *
 * @param logEvery steps between two that are logged; 0 for none
 */
record StepWatch(
    StopRequest stop,
    RunState state,
    Progress progress,
    RunLog log,
    TrainPlan.Stage stage,
    int logEvery)
    implements EpochTrainer.Watch {
  @Override
  public boolean goesOn() {
    return !stop.made();
  }

  @Override
  public void stepped(int images, StepLoss loss) {
    state.stepped(loss);
    long step = state.position().step();
    if (logEvery > 0 && step % logEvery == 0) {
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("loss", loss.sum());
      loss.heads().forEach((head, own) -> values.put(TrainingGraph.lossName(head, stage), own));
      try {
        log.add("step", step, values);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    progress.add(images);
  }
}
