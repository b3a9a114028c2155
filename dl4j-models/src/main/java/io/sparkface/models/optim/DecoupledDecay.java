package io.sparkface.models.optim;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * w ← w - perRate * η * w beside the optimiser's step (SGDW, AdamW; spec 5.4). It is no part of the
 * loss.
 *
 * @param perRate weight decay at a rate divided by that rate
 */
public record DecoupledDecay(@JsonProperty("perRate") double perRate) implements Regularization {
  @Override
  public ApplyStep applyStep() {
    return ApplyStep.POST_UPDATER;
  }

  @Override
  public void apply(INDArray weights, INDArray step, double rate, int iteration, int epoch) {
    step.addi(weights.mul(perRate * rate));
  }

  @Override
  public double score(INDArray weights, int iteration, int epoch) {
    return 0;
  }

  @Override
  public DecoupledDecay clone() {
    return this;
  }
}
