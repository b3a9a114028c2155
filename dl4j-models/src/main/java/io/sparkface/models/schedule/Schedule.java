package io.sparkface.models.schedule;

import org.nd4j.linalg.schedule.ISchedule;

/**
 * The learning rate as a pure function of where training stands, so that a run that is started
 * again goes on with the same rates (spec 6.1). {@code valueAt(step, epoch)} takes the steps and
 * the epochs completed so far, both from 0 over the whole run.
 *
 * <p>As DL4J's schedule it belongs into an updater: {@code graph.setLearningRate} passes over
 * SameDiff layers, which would keep their first rate.
 */
public sealed interface Schedule extends ISchedule
    permits Constant, Cosine, Exponential, Later, Polynomial, Steps {

  /** Schedules never change, so a clone is the schedule itself. */
  @Override
  Schedule clone();

  /** This schedule for a graph that counts from 0 when the run stands at {@code step, epoch}. */
  default Schedule from(int step, int epoch) {
    return step == 0 && epoch == 0 ? this : new Later(this, step, epoch);
  }

  /** A straight line from {@code least} at 0 to {@code most} at {@code length}. */
  static double warmUp(double least, double most, double at, double length) {
    return least + (most - least) * at / length;
  }
}
