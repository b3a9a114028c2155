package io.sparkface.pipeline.plan;

import io.sparkface.models.margin.HeadDecay;
import io.sparkface.models.optim.GradientClipping;
import io.sparkface.models.optim.Optimiser;

/**
 * How weights move in a stage.
 *
 * @param optimiser with its decoupled decay, if any
 * @param learningRate before the schedule
 * @param l2 what the gradient of a kernel gains per unit of weight; 0 with decoupled decay
 * @param outputWeightDecay of the head, as {@link HeadDecay}
 * @param clipping of gradients
 */
public record OptimiserPlan(
    Optimiser optimiser,
    double learningRate,
    double l2,
    double outputWeightDecay,
    GradientClipping clipping) {

  /** What the gradient of a head gains per unit of weight, beside decoupled decay. */
  public double headL2() {
    return HeadDecay.l2(outputWeightDecay, l2);
  }

  static OptimiserPlan read(PlanValues values) {
    double rate = values.number("learning-rate", 1e-12, 1e3);
    double decay = values.number("weight-decay", 0, 1);
    double momentum = values.number("momentum", 0, 0.9999);
    Optimiser.Momentum kind =
        values.flag("nesterov") ? Optimiser.Momentum.NESTEROV : Optimiser.Momentum.CLASSIC;
    double beta1 = values.number("beta1", 0, 0.99999);
    double beta2 = values.number("beta2", 0, 0.9999999);
    double epsilon = values.number("epsilon", 1e-16, 1);
    Optimiser plain =
        switch (values.oneOf("name", Name.class)) {
          case SGD, SGDW -> new Optimiser.Sgd(momentum, kind);
          case ADAM, ADAMW -> new Optimiser.Adam(beta1, beta2, epsilon);
          case RADAM, RANGER -> new Optimiser.RectifiedAdam(beta1, beta2, epsilon, 5);
        };
    boolean decoupled = values.oneOf("name", Name.class).decoupled;
    Optimiser optimiser =
        decoupled && decay > 0 ? new Optimiser.Decoupled(plain, decay, rate) : plain;
    int period = values.integer("lookahead-period", 0, 1_000_000);
    if (values.oneOf("name", Name.class) == Name.RANGER && period == 0) {
      period = 6;
    }
    if (period > 0) {
      optimiser = new Optimiser.Lookahead(optimiser, period, values.number("lookahead-step", 0, 1));
    }
    double radius = values.number("sharpness-radius", 0, 1e3);
    if (radius > 0) {
      optimiser = new Optimiser.SharpnessAware(optimiser, radius);
    }
    return new OptimiserPlan(
        optimiser,
        rate,
        decoupled ? 0 : decay,
        values.number("output-weight-decay", 0, 1e6),
        clipping(values));
  }

  private static GradientClipping clipping(PlanValues values) {
    double limit = values.number("clip", 0, 1e9);
    return limit == 0
        ? new GradientClipping.None()
        : switch (values.oneOf("clip-by", ClipBy.class)) {
          case VALUE -> new GradientClipping.Value(limit);
          case NORM -> new GradientClipping.Norm(limit);
          case GLOBAL_NORM -> new GradientClipping.GlobalNorm(limit);
        };
  }

  private enum ClipBy {
    VALUE,
    NORM,
    GLOBAL_NORM
  }

  private enum Name {
    SGD(false),
    SGDW(true),
    ADAM(false),
    ADAMW(true),
    RADAM(false),
    RANGER(false);

    private final boolean decoupled;

    Name(boolean decoupled) {
      this.decoupled = decoupled;
    }
  }
}
