package io.sparkface.pipeline.train;

import io.sparkface.pipeline.checkpoint.Position;
import io.sparkface.pipeline.plan.TrainPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The epochs of a run in their order. A stage given in steps ends within an epoch; the next stage
 * begins a new one.
 */
record Timeline(List<EpochSpan> epochs) {
  Timeline {
    epochs = List.copyOf(epochs);
  }

  /**
   * @param stepsPerEpoch of a stage, which depends on how its batches are made
   */
  static Timeline of(TrainPlan plan, ToLongFunction<TrainPlan.Stage> stepsPerEpoch) {
    List<EpochSpan> epochs = new ArrayList<>();
    int schedule = 0;
    long step = 0;
    for (int s = 0; s < plan.stages().size(); s++) {
      TrainPlan.Stage stage = plan.stages().get(s);
      long whole = stepsPerEpoch.applyAsLong(stage);
      long left = stage.steps() > 0 ? stage.steps() : stage.epochs() * whole;
      int clock = stage.bottleneckOnly() ? 0 : schedule;
      while (left > 0) {
        long steps = Math.min(left, whole);
        epochs.add(new EpochSpan(epochs.size(), s, stage, clock++, steps, step));
        left -= steps;
        step += steps;
      }
      schedule = stage.bottleneckOnly() ? schedule : clock;
    }
    return new Timeline(epochs);
  }

  int size() {
    return epochs.size();
  }

  /** Where epoch {@code index} begins; behind the last one, where the run ends. */
  Position startOf(int index) {
    if (index < epochs.size()) {
      EpochSpan epoch = epochs.get(index);
      return new Position(epoch.stageIndex(), index, 0, epoch.firstStep());
    }
    EpochSpan last = epochs.get(epochs.size() - 1);
    return new Position(last.stageIndex(), epochs.size(), 0, last.firstStep() + last.steps());
  }

  /** Steps of the whole run. */
  long steps() {
    return startOf(size()).step();
  }
}
