package io.sparkface.pipeline.train;

import io.sparkface.pipeline.plan.TrainPlan;

/** The learning rate of an epoch: constant steps after a warm-up (spec 6.1). */
final class LearningRate {
  private LearningRate() {}

  /**
   * With m = lr * decay^len(steps): m + (lr - m) * e / W before epoch W, lr * decay^(steps passed)
   * from there on.
   *
   * @param epoch from 0, over all stages
   */
  static double of(TrainPlan.Optimiser optimiser, TrainPlan.Schedule schedule, int epoch) {
    double base = optimiser.learningRate();
    if (epoch < schedule.warmUpEpochs()) {
      double least = base * Math.pow(schedule.decay(), schedule.steps().size());
      return least + (base - least) * epoch / schedule.warmUpEpochs();
    }
    long passed = schedule.steps().stream().filter(step -> step <= epoch).count();
    return base * Math.pow(schedule.decay(), passed);
  }
}
