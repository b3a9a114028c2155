package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * {@link ArcFace} less how much closer the hardest other face of the batch is than the hardest of
 * the same identity: φ(c) - max(n - p, 0) with p the least cosine to an embedding of the identity
 * (itself included) and n the largest to another's (spec 4.2). The second term comes to {@link
 * MarginLoss} as a number per row; the head computes it from the embeddings.
 *
 * @param m added to the angle, radians, usually 0.5
 * @param scale usually 64
 */
public record AcrTrip(double m, double scale) implements Margin {
  @Override
  public double limit() {
    return ANGULAR_LIMIT;
  }

  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    return arc().target(cosine, norm, state);
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    return arc().target(graph, cosines, norms, state);
  }

  private ArcFace arc() {
    return new ArcFace(1, m, 0, scale);
  }
}
