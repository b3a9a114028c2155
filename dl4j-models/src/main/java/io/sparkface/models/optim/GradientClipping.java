package io.sparkface.models.optim;

import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What keeps gradients (means over the batch) from being too large. */
public sealed interface GradientClipping {
  /** Sets up a network that is to be trained so. */
  default void applyTo(NeuralNetConfiguration.Builder network) {}

  /** What the network must also be given, by {@code addListeners}. */
  default Optional<TrainingListener> listener() {
    return Optional.empty();
  }

  /** Gradients stay as they are. */
  record None() implements GradientClipping {}

  /**
   * Each number is brought to ±limit.
   *
   * @param limit above 0
   */
  record Value(double limit) implements GradientClipping {
    @Override
    public void applyTo(NeuralNetConfiguration.Builder network) {
      network
          .gradientNormalization(GradientNormalization.ClipElementWiseAbsoluteValue)
          .gradientNormalizationThreshold(limit);
    }
  }

  /**
   * The gradient of each array of weights is shortened to the limit.
   *
   * @param limit above 0
   */
  record Norm(double limit) implements GradientClipping {
    @Override
    public void applyTo(NeuralNetConfiguration.Builder network) {
      network
          .gradientNormalization(GradientNormalization.ClipL2PerParamType)
          .gradientNormalizationThreshold(limit);
    }
  }

  /**
   * The gradient of all weights together is shortened to the limit.
   *
   * @param limit above 0
   */
  record GlobalNorm(double limit) implements GradientClipping {
    @Override
    public Optional<TrainingListener> listener() {
      return Optional.of(new Shortening(limit));
    }
  }

  /** DL4J clips per layer only; here the gradient is still a sum over the batch. */
  final class Shortening extends BaseTrainingListener {
    private final double limit;

    private Shortening(double limit) {
      this.limit = limit;
    }

    @Override
    public void onGradientCalculation(Model model) {
      shorten(model.gradient().gradient(), model.batchSize(), limit);
    }
  }

  /** The largest norm of a network's gradient; infinite where it is not clipped so. */
  static double globalNorm(ComputationGraph graph) {
    return graph.getListeners().stream()
        .filter(Shortening.class::isInstance)
        .mapToDouble(listener -> ((Shortening) listener).limit)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /**
   * Brings the mean gradient to the limit.
   *
   * @param gradient summed over the batch
   */
  static void shorten(INDArray gradient, int batchSize, double limit) {
    if (limit == Double.POSITIVE_INFINITY) {
      return;
    }
    double norm = gradient.norm2Number().doubleValue() / batchSize;
    if (norm > limit) {
      gradient.muli(limit / norm);
    }
  }
}
