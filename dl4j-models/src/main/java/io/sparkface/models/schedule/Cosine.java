package io.sparkface.models.schedule;

/**
 * Half cosines from a peak to {@code least}, each twice as long as the one before and {@code
 * restart} times as high, with an epoch or so at {@code least} between them and a warm-up before
 * (spec 6.1). Four of them at most: after the fourth the rate stays at {@code least} (trap 46).
 *
 * <pre>
 * a = least / base, x = steps since the warm-up without cool-downs, f = position in cycle i, 0 to 1
 * rate = base ((1 - a) restart^i (1 + cos πf) / 2 + a)
 * </pre>
 *
 * Where base * restart equals least (within 1e-9 of it; trap 45) there is one half cosine and no
 * restart.
 *
 * @param base first peak
 * @param restart factor from peak to peak, usually 0.5
 * @param firstEpochs length of the first half cosine
 * @param warmUpEpochs from {@code least} up to {@code base}, 0 for none
 * @param cooldownEpochs at {@code least} after each half cosine, usually 1
 * @param least lowest rate
 * @param stepsPerEpoch steps in an epoch; 1 for a schedule over epochs, given epochs as steps
 */
public record Cosine(
    double base,
    double restart,
    int firstEpochs,
    int warmUpEpochs,
    int cooldownEpochs,
    double least,
    int stepsPerEpoch)
    implements Schedule {
  private static final int CYCLES = 4;
  private static final double SAME = 1e-9;

  public Cosine {
    if (firstEpochs < 1 || stepsPerEpoch < 1 || warmUpEpochs < 0 || cooldownEpochs < 0) {
      throw new IllegalArgumentException("a cosine schedule of no length");
    }
  }

  @Override
  public double valueAt(int step, int epoch) {
    long warmUp = (long) warmUpEpochs * stepsPerEpoch;
    if (step < warmUp) {
      return Schedule.warmUp(least, base, step, warmUp);
    }
    long left = step - warmUp;
    if (!restarts()) {
      return rate(1, Math.min((double) left / ((long) firstEpochs * stepsPerEpoch), 1));
    }
    long length = (long) firstEpochs * stepsPerEpoch;
    double peak = 1;
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      if (left < length) {
        return rate(peak, (double) left / length);
      }
      left -= length + (long) cooldownEpochs * stepsPerEpoch;
      if (left < 0) {
        return least;
      }
      length *= 2;
      peak *= restart;
    }
    return least;
  }

  private boolean restarts() {
    return Math.abs(base * restart - least) > SAME * least;
  }

  private double rate(double peak, double position) {
    double floor = least / base;
    return base * ((1 - floor) * 0.5 * peak * (1 + Math.cos(Math.PI * position)) + floor);
  }

  @Override
  public Cosine clone() {
    return this;
  }
}
