package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * φ(c) = cos(m1 acos c + m2) - m3 where c is above cos((π - m2) / m1), else -2 (1 + m3) - φ(c),
 * which keeps the logit falling with the angle (Deng et al., 2019; spec 4.2).
 *
 * @param m1 factor on the angle
 * @param m2 added to the angle, radians
 * @param m3 taken off the cosine
 */
public record ArcFace(double m1, double m2, double m3, double scale) implements Margin {
  @Override
  public SDVariable apply(SameDiff graph, SDVariable cosine) {
    SDVariable angle = graph.math().acos(cosine);
    SDVariable phi = graph.math().cos(angle.mul(m1).add(m2)).sub(m3);
    SDVariable inside = cosine.gt(Math.cos((Math.PI - m2) / m1)).castTo(cosine.dataType());
    SDVariable beyond = phi.neg().sub(2 * (1 + m3));
    return inside.mul(phi).add(inside.rsub(1.0).mul(beyond));
  }
}
