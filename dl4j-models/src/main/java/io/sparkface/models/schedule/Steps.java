package io.sparkface.models.schedule;

import java.util.List;

/**
 * With e the epoch, W the warm-up and m = base * decay^(number of steps): m + (base - m) e / W
 * before W, then base * decay^(steps at or before e).
 *
 * @param base rate after the warm-up
 * @param decay factor at each step, usually 0.1
 * @param epochs at whose start the rate is multiplied
 * @param warmUpEpochs W, 0 for none
 */
public record Steps(double base, double decay, List<Integer> epochs, int warmUpEpochs)
    implements Schedule {
  public Steps {
    epochs = List.copyOf(epochs);
  }

  @Override
  public double valueAt(int step, int epoch) {
    if (epoch < warmUpEpochs) {
      double least = base * Math.pow(decay, epochs.size());
      return Schedule.warmUp(least, base, epoch, warmUpEpochs);
    }
    long passed = epochs.stream().filter(at -> at <= epoch).count();
    return base * Math.pow(decay, passed);
  }

  @Override
  public Steps clone() {
    return this;
  }
}
