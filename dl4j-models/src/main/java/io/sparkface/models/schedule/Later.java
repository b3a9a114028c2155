package io.sparkface.models.schedule;

/**
 * A schedule that has already run for a while.
 *
 * @param inner the schedule
 * @param step steps it has run for
 * @param epoch epochs it has run for
 */
public record Later(Schedule inner, int step, int epoch) implements Schedule {
  @Override
  public double valueAt(int iteration, int passed) {
    return inner.valueAt(step + iteration, epoch + passed);
  }

  @Override
  public Later clone() {
    return this;
  }
}
