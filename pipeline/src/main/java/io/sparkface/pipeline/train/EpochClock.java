package io.sparkface.pipeline.train;

import io.sparkface.models.schedule.Schedule;
import java.util.Objects;
import org.nd4j.linalg.schedule.ISchedule;

/** A schedule that finds the epoch by the steps taken, so that these alone tell the rate. */
public final class EpochClock implements ISchedule {
  private static final long serialVersionUID = 1L;

  private final Schedule schedule;
  private final long stepsPerEpoch;

  EpochClock(Schedule schedule, long stepsPerEpoch) {
    this.schedule = schedule;
    this.stepsPerEpoch = stepsPerEpoch;
  }

  @Override
  public double valueAt(int step, int epoch) {
    return schedule.valueAt(step, (int) (step / stepsPerEpoch));
  }

  @Override
  public EpochClock clone() {
    return this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EpochClock that
        && schedule.equals(that.schedule)
        && stepsPerEpoch == that.stepsPerEpoch;
  }

  @Override
  public int hashCode() {
    return Objects.hash(schedule, stepsPerEpoch);
  }
}
