package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * cos(acos c + m) without angles: φ(c) = c cos m - √(1 - c²) sin m where c is above cos(π - m),
 * else -2 - φ(c). The same function as {@link ArcFace}(1, m, 0) (spec 4.2).
 *
 * @param m added to the angle, radians, usually 0.5
 * @param scale usually 64
 */
public record ArcFaceSimple(double m, double scale) implements Margin {
  @Override
  public double limit() {
    return ANGULAR_LIMIT;
  }

  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    double sine = Math.sqrt(1 - cosine * cosine);
    TargetLogit phi =
        TargetLogit.of(
            cosine * Math.cos(m) - sine * Math.sin(m), Math.cos(m) + cosine / sine * Math.sin(m));
    return cosine > turn() ? phi : phi.mirrored(0);
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    SDVariable sine = graph.math().sqrt(graph.math().square(cosines).rsub(1.0));
    SDVariable phi = cosines.mul(Math.cos(m)).sub(sine.mul(Math.sin(m)));
    return Graphs.choose(cosines.gt(turn()), phi, phi.neg().sub(2.0));
  }

  private double turn() {
    return Math.cos(Math.PI - m);
  }
}
