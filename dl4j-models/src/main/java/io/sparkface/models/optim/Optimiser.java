package io.sparkface.models.optim;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * How weights move along gradients g, with rate η of a schedule (spec 5.4). All of an optimiser's
 * memory lies in the updater's state array, so DL4J's checkpoints hold it. Adam and its kin count
 * steps by the network's iteration count, which has to be restored with it.
 */
public sealed interface Optimiser {
  /** A DL4J updater that follows {@code rate}. */
  IUpdater updater(ISchedule rate);

  /** Decay of weights per step and unit of rate, beside the gradient: w ← w - this * η * w. */
  default double decayPerRate() {
    return 0;
  }

  /**
   * Radius of {@link SharpnessAwareStep}, in which the trainer then takes its steps; 0 for none.
   */
  default double sharpnessRadius() {
    return 0;
  }

  /** Sets updater and decay of a network. Layers with an updater or decay of their own keep it. */
  default void applyTo(NeuralNetConfiguration.Builder network, ISchedule rate) {
    network.updater(updater(rate));
    if (decayPerRate() > 0) {
      network.setRegularization(new ArrayList<>(List.of(new DecoupledDecay(decayPerRate()))));
    }
  }

  /**
   * SGD with decoupled decay (SGDW).
   *
   * @param weightDecay at the initial rate; it follows the rate from there (spec 6.2)
   */
  static Optimiser sgdw(double momentum, double weightDecay, double initialRate) {
    return new Decoupled(new Sgd(momentum, Momentum.CLASSIC), weightDecay, initialRate);
  }

  /**
   * Adam with decoupled decay (AdamW).
   *
   * @param weightDecay at the initial rate; it follows the rate from there (spec 6.2)
   */
  static Optimiser adamW(double weightDecay, double initialRate) {
    return new Decoupled(Adam.usual(), weightDecay, initialRate);
  }

  /** Lookahead over rectified Adam. */
  static Optimiser ranger() {
    return Lookahead.usual(RectifiedAdam.usual());
  }

  /** How momentum is used. */
  enum Momentum {
    /** v ← μv - ηg; w ← w + v. */
    CLASSIC,
    /** v ← μv - ηg; w ← w + μv - ηg. */
    NESTEROV
  }

  /**
   * Stochastic gradient descent.
   *
   * @param momentum μ, 0 for none, usually 0.9
   * @param kind how it is used
   */
  record Sgd(double momentum, Momentum kind) implements Optimiser {
    @Override
    public IUpdater updater(ISchedule rate) {
      if (momentum == 0) {
        return new org.nd4j.linalg.learning.config.Sgd(rate);
      }
      return switch (kind) {
        case CLASSIC -> new ClassicMomentum(rate, momentum);
        case NESTEROV -> new org.nd4j.linalg.learning.config.Nesterovs(rate, momentum);
      };
    }
  }

  /**
   * m ← β1 m + (1 - β1) g; v ← β2 v + (1 - β2) g²; w ← w - η √(1 - β2^t) / (1 - β1^t) m / (√v + ε).
   *
   * @param beta1 usually 0.9
   * @param beta2 usually 0.999
   * @param epsilon usually 1e-7
   */
  record Adam(double beta1, double beta2, double epsilon) implements Optimiser {
    /** Keras' values. */
    public static Adam usual() {
      return new Adam(.9, .999, 1e-7);
    }

    @Override
    public IUpdater updater(ISchedule rate) {
      org.nd4j.linalg.learning.config.Adam adam =
          new org.nd4j.linalg.learning.config.Adam(Double.NaN, beta1, beta2, epsilon);
      adam.setLrAndSchedule(Double.NaN, rate);
      return adam;
    }
  }

  /**
   * Adam whose step is not divided by √v before v is known well enough (Liu et al., 2020).
   *
   * @param beta1 usually 0.9
   * @param beta2 usually 0.999
   * @param epsilon usually 1e-7
   * @param threshold length of the moving average from which v is used, usually 5
   */
  record RectifiedAdam(double beta1, double beta2, double epsilon, double threshold)
      implements Optimiser {
    /** TensorFlow Addons' values. */
    public static RectifiedAdam usual() {
      return new RectifiedAdam(.9, .999, 1e-7, 5);
    }

    @Override
    public IUpdater updater(ISchedule rate) {
      return new Rectified(rate, beta1, beta2, epsilon, threshold);
    }
  }

  /**
   * Slow weights that every {@code period} steps move by {@code slowStep} of the way to the fast
   * ones, which go on from there (Zhang et al., 2019). Decay of the inner optimiser acts in full,
   * not by {@code slowStep}.
   *
   * @param inner moves the fast weights
   * @param period usually 6
   * @param slowStep usually 0.5
   */
  record Lookahead(Optimiser inner, int period, double slowStep) implements Optimiser {
    public Lookahead {
      if (period < 1) {
        throw new IllegalArgumentException("period " + period);
      }
    }

    /** TensorFlow Addons' values. */
    public static Lookahead usual(Optimiser inner) {
      return new Lookahead(inner, 6, .5);
    }

    @Override
    public IUpdater updater(ISchedule rate) {
      return new SlowWeights(inner.updater(rate), period, slowStep);
    }

    @Override
    public double decayPerRate() {
      return inner.decayPerRate();
    }

    @Override
    public double sharpnessRadius() {
      return inner.sharpnessRadius();
    }
  }

  /**
   * Weights shrink beside the gradient, not through it: w ← w - weightDecay * η / initialRate * w.
   *
   * @param inner optimiser
   * @param weightDecay share of a weight lost per step at the initial rate, usually 5e-4 or 5e-5
   * @param initialRate η at which that is so
   */
  record Decoupled(Optimiser inner, double weightDecay, double initialRate) implements Optimiser {
    @Override
    public IUpdater updater(ISchedule rate) {
      return inner.updater(rate);
    }

    @Override
    public double decayPerRate() {
      return inner.decayPerRate() + weightDecay / initialRate;
    }

    @Override
    public double sharpnessRadius() {
      return inner.sharpnessRadius();
    }
  }

  /**
   * Gradients are taken where the loss is highest nearby (SAM, Foret et al., 2021).
   *
   * @param inner optimiser
   * @param radius ρ, usually 0.05
   */
  record SharpnessAware(Optimiser inner, double radius) implements Optimiser {
    @Override
    public IUpdater updater(ISchedule rate) {
      return inner.updater(rate);
    }

    @Override
    public double decayPerRate() {
      return inner.decayPerRate();
    }

    @Override
    public double sharpnessRadius() {
      return radius;
    }
  }
}
