package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * φ(c) = cos(m1 acos c + m2) - m3 where c is above cos((π - m2) / m1), else -2 (1 + m3) - φ(c),
 * which keeps the logit falling with the angle (Deng et al., 2019; spec 4.2).
 *
 * @param m1 factor on the angle, usually 1
 * @param m2 added to the angle, radians, usually 0.5
 * @param m3 taken off the cosine, usually 0
 * @param scale usually 64
 */
public record ArcFace(double m1, double m2, double m3, double scale) implements Margin {
  @Override
  public double limit() {
    return ANGULAR_LIMIT;
  }

  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    double angle = m1 * Math.acos(cosine) + m2;
    TargetLogit phi =
        TargetLogit.of(Math.cos(angle) - m3, m1 * Math.sin(angle) / Math.sqrt(1 - cosine * cosine));
    return cosine > turn() ? phi : phi.mirrored(m3);
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    SDVariable angle = graph.math().acos(cosines);
    SDVariable phi = graph.math().cos(angle.mul(m1).add(m2)).sub(m3);
    return Graphs.choose(cosines.gt(turn()), phi, phi.neg().sub(2 * (1 + m3)));
  }

  private double turn() {
    return Math.cos((Math.PI - m2) / m1);
  }
}
