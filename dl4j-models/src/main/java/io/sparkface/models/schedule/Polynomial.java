package io.sparkface.models.schedule;

/**
 * With g the step and W the warm-up: base g / W before W, then base (1 - (g - W) / (total -
 * W))^power, 0 from {@code totalSteps} on (arcface_torch).
 *
 * @param base rate after the warm-up
 * @param power usually 1 or 2
 * @param totalSteps of the run
 * @param warmUpSteps W, 0 for none
 */
public record Polynomial(double base, double power, int totalSteps, int warmUpSteps)
    implements Schedule {
  public Polynomial {
    if (warmUpSteps < 0 || warmUpSteps >= totalSteps) {
      throw new IllegalArgumentException(
          "a warm-up of " + warmUpSteps + " in a schedule of " + totalSteps + " steps");
    }
  }

  @Override
  public double valueAt(int step, int epoch) {
    if (step < warmUpSteps) {
      return Schedule.warmUp(0, base, step, warmUpSteps);
    }
    double passed = Math.min(step, totalSteps) - warmUpSteps;
    return base * Math.pow(1 - passed / (totalSteps - warmUpSteps), power);
  }

  @Override
  public Polynomial clone() {
    return this;
  }
}
