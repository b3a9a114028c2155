package io.sparkface.models.schedule;

/**
 * Always the same rate.
 *
 * @param rate the rate
 */
public record Constant(double rate) implements Schedule {
  @Override
  public double valueAt(int step, int epoch) {
    return rate;
  }

  @Override
  public Constant clone() {
    return this;
  }
}
