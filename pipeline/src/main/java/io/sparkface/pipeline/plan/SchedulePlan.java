package io.sparkface.pipeline.plan;

import io.sparkface.models.schedule.Constant;
import io.sparkface.models.schedule.Cosine;
import io.sparkface.models.schedule.Exponential;
import io.sparkface.models.schedule.Polynomial;
import io.sparkface.models.schedule.Schedule;
import io.sparkface.models.schedule.Steps;
import java.util.List;

/**
 * How the learning rate changes over the run (spec 6.1).
 *
 * @param kind of curve
 * @param warmUpEpochs at the beginning
 * @param least rate, for exponential and cosine
 * @param epochs at whose start steps multiply the rate
 * @param decay of steps
 * @param exponentialDecay per epoch
 * @param firstEpochs of the first half cosine
 * @param restart factor from one cosine's peak to the next
 * @param cooldownEpochs after each cosine
 * @param power of the polynomial
 */
public record SchedulePlan(
    Kind kind,
    int warmUpEpochs,
    double least,
    List<Integer> epochs,
    double decay,
    double exponentialDecay,
    int firstEpochs,
    double restart,
    int cooldownEpochs,
    double power) {

  /** The curves there are. */
  public enum Kind {
    CONSTANT,
    STEPS,
    EXPONENTIAL,
    COSINE,
    POLYNOMIAL
  }

  public SchedulePlan {
    epochs = List.copyOf(epochs);
  }

  /**
   * @param rate before the schedule
   * @param stepsPerEpoch of the run
   * @param epochsOfRun over which a polynomial falls to 0
   */
  public Schedule of(double rate, int stepsPerEpoch, int epochsOfRun) {
    return switch (kind) {
      case CONSTANT -> new Constant(rate);
      case STEPS -> new Steps(rate, decay, epochs, warmUpEpochs);
      case EXPONENTIAL -> new Exponential(rate, exponentialDecay, warmUpEpochs, least);
      case COSINE ->
          new Cosine(
              rate, restart, firstEpochs, warmUpEpochs, cooldownEpochs, least, stepsPerEpoch);
      case POLYNOMIAL ->
          new Polynomial(rate, power, epochsOfRun * stepsPerEpoch, warmUpEpochs * stepsPerEpoch);
    };
  }

  static SchedulePlan read(PlanValues values) {
    return new SchedulePlan(
        values.oneOf("schedule.kind", Kind.class),
        values.integer("schedule.warm-up-epochs", 0, 10_000),
        values.number("schedule.least-rate", 0, 1e3),
        values.integers("schedule.steps"),
        values.number("schedule.decay", 0, 1),
        values.number("schedule.exponential-decay", 0, 100),
        values.integer("schedule.first-epochs", 1, 100_000),
        values.number("schedule.restart", 0, 1),
        values.integer("schedule.cooldown-epochs", 0, 10_000),
        values.number("schedule.power", 0, 100));
  }
}
