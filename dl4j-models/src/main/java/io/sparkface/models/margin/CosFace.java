package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * φ(c) = c - m (Wang et al., 2018; spec 4.2).
 *
 * @param m taken off the cosine, usually 0.35
 * @param scale usually 64
 */
public record CosFace(double m, double scale) implements Margin {
  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    return TargetLogit.of(cosine - m, 1);
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    return cosines.sub(m);
  }
}
