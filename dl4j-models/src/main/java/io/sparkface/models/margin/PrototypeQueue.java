package io.sparkface.models.margin;

import java.io.Serializable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Variational prototypes (VPL, Deng et al., 2021; spec 3.6): the newest embedding q of each class
 * is mixed into its centre. With λ = 0.15 where the run is past its start and q is at most {@code
 * delta} steps old, else 0, a class's centre is w' = n(n(w) (1 - λ) + q λ), n to length 1.
 *
 * @param start steps before q is used
 * @param delta age in steps from which q is not used any more, usually 200
 */
public record PrototypeQueue(@JsonProperty("start") int start, @JsonProperty("delta") int delta)
    implements Serializable {
  private static final double LAMBDA = 0.15;

  /** Below this squared length a vector is not brought to length 1 (trap 28). */
  static final double LEAST_SQUARE = 1e-12;

  /**
   * The mixed centres of a step.
   *
   * @param unit centres of length 1 [D, C]
   * @param length of the centres, at least the floor's root [1, C]
   * @param free 1 where the length is above the floor [1, C]
   * @param kept 1 - λ [1, C]
   * @param mixed [D, C], not yet of length 1
   */
  record Mixed(INDArray unit, INDArray length, INDArray free, INDArray kept, INDArray mixed) {
    /** Turns the gradient of {@code mixed} into that of the centres, in place. */
    void backward(INDArray gradient) {
      gradient.muliRowVector(kept);
      INDArray along = gradient.mul(unit).sum(0).muli(free);
      gradient.subi(unit.mulRowVector(along)).diviRowVector(length);
    }
  }

  /**
   * @param weights [D, C]
   * @param features q [C, D]
   * @param updated steps after which each q was written [C, 1]
   * @param steps steps taken, this one included
   */
  Mixed mix(INDArray weights, INDArray features, INDArray updated, double steps) {
    INDArray square = weights.mul(weights).sum(0);
    INDArray length = Transforms.sqrt(Transforms.max(square, LEAST_SQUARE, true), false);
    INDArray unit = weights.divRowVector(length);
    INDArray kept = Nd4j.ones(weights.dataType(), weights.size(1));
    if (steps > start) {
      INDArray young = updated.reshape(-1).gte(steps - delta).castTo(weights.dataType());
      kept.subi(young.muli(LAMBDA));
    }
    INDArray shares = kept.rsub(1);
    INDArray mixed = unit.mulRowVector(kept).addi(features.transpose().mulRowVector(shares));
    return new Mixed(unit, length, square.gte(LEAST_SQUARE).castTo(unit.dataType()), kept, mixed);
  }
}
