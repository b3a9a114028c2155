package io.sparkface.models.schedule;

/**
 * With e the epoch and W the warm-up: least + (base - least) e / W before W, then max(least, base *
 * exp(decay (W - e))).
 *
 * @param base rate after the warm-up
 * @param decay per epoch, usually 0.05
 * @param warmUpEpochs W, 0 for none
 * @param least rate at the start of the warm-up and at the end, usually 1e-6
 */
public record Exponential(double base, double decay, int warmUpEpochs, double least)
    implements Schedule {
  @Override
  public double valueAt(int step, int epoch) {
    double rate =
        epoch < warmUpEpochs
            ? Schedule.warmUp(least, base, epoch, warmUpEpochs)
            : base * Math.exp(decay * (warmUpEpochs - epoch));
    return Math.max(rate, least);
  }

  @Override
  public Exponential clone() {
    return this;
  }
}
