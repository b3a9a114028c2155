package io.sparkface.models.margin;

import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/**
 * What a loss does to cosines before scaled softmax (spec 4.2): the target's logit φ(c), possibly
 * those of the other classes, and a scale on all of them. Every margin offers φ twice, as a number
 * with its derivatives and as a SameDiff graph, so that each can be checked against the other.
 *
 * <p>A margin itself never changes. What some of them learn along the way is a {@link LossState},
 * handed in and given back.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "@class")
public sealed interface Margin
    permits AcrTrip,
        AdaCos,
        AdaFace,
        AirFace,
        ArcFace,
        ArcFaceSimple,
        CosFace,
        CurricularFace,
        MagFace,
        NormSoftmax {
  /** Beyond it the angle has no finite derivative (trap 31). */
  double ANGULAR_LIMIT = 1 - 1e-7;

  /** Factor on all logits before softmax. */
  double scale();

  /** {@link #scale()} for the margins that keep it; the learnt one for {@link AdaCos}. */
  default double scale(LossState state) {
    return scale();
  }

  /** Cosines are brought to ± this before φ, which has derivative 0 from there on. */
  default double limit() {
    return Double.POSITIVE_INFINITY;
  }

  /**
   * φ of one target and its derivatives.
   *
   * @param cosine within ± {@link #limit()}
   * @param norm length of the embedding before it was normalised
   * @param state as {@link #next} gave it for this batch
   */
  TargetLogit target(double cosine, double norm, LossState state);

  /** φ of [N, 1] cosines within ± {@link #limit()}, with the norms [N, 1] beside them. */
  SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state);

  /**
   * Turns the cosines of the other classes [N, C] into logits in place. What it writes at the
   * targets does not matter.
   *
   * @param targets φ of each row
   * @return derivative of each logit; nothing where it is one throughout
   */
  default Optional<INDArray> others(INDArray cosines, double[] targets, LossState state) {
    return Optional.empty();
  }

  /** What the length of an embedding adds to the loss of its row, beside cross-entropy. */
  default NormPenalty penalty(double norm) {
    return NormPenalty.NONE;
  }

  /** The state before the first batch; empty for a margin without any. */
  default LossState initialState() {
    return LossState.EMPTY;
  }

  /** The state after a batch. It already holds for that batch, and has no gradient. */
  default LossState next(LossState before, CosineBatch batch) {
    return before;
  }

  /** φ and its derivatives to the cosine and to the norm. */
  record TargetLogit(double value, double byCosine, double byNorm) {
    /** A logit that does not depend on the norm. */
    static TargetLogit of(double value, double byCosine) {
      return new TargetLogit(value, byCosine, 0);
    }

    TargetLogit minus(double constant) {
      return new TargetLogit(value - constant, byCosine, byNorm);
    }

    /** -2 (1 + below) - φ, where the angle has passed the point at which φ would rise again. */
    TargetLogit mirrored(double below) {
      return new TargetLogit(-2 * (1 + below) - value, -byCosine, -byNorm);
    }
  }

  /** A term of the loss and its derivative to the norm. */
  record NormPenalty(double value, double byNorm) {
    static final NormPenalty NONE = new NormPenalty(0, 0);
  }
}
