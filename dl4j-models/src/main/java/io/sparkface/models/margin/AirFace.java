package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Linear in the angle: φ(c) = 1 - 2 (m + acos c) / π (Li et al., 2019; spec 4.2). The other classes
 * keep their cosines, unlike in the paper (trap 32).
 *
 * @param m added to the angle, radians, usually 0.4
 * @param scale usually 64
 */
public record AirFace(double m, double scale) implements Margin {
  @Override
  public double limit() {
    return ANGULAR_LIMIT;
  }

  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    return TargetLogit.of(
        1 - 2 * (m + Math.acos(cosine)) / Math.PI, 2 / Math.PI / Math.sqrt(1 - cosine * cosine));
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    return graph.math().acos(cosines).add(m).mul(-2 / Math.PI).add(1.0);
  }
}
