package io.sparkface.models.margin;

import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A margin that grows with the embedding's length: a = clip(norm, leastNorm, mostNorm), m linear in
 * a from leastMargin to mostMargin, φ by {@link Kind}, and λ (a / mostNorm² + 1 / a) added to the
 * loss (Meng et al., 2021; spec 4.2). All cosines are clipped to ±0.999.
 *
 * @param leastNorm usually 10; 1 for the fine-tuning set
 * @param mostNorm usually 110; 51
 * @param leastMargin usually 0.45; 0.45
 * @param mostMargin usually 0.8; 1
 * @param lambda weight of the term on the length, usually 35; 5
 * @param kind what m is added to
 * @param scale usually 64
 */
public record MagFace(
    double leastNorm,
    double mostNorm,
    double leastMargin,
    double mostMargin,
    double lambda,
    Kind kind,
    double scale)
    implements Margin {

  /** What the margin m is added to. */
  public enum Kind {
    /** min(c, c cos m - √(1 - c²) sin m). */
    ANGLE,
    /** c - m. */
    COSINE
  }

  /** The paper's: norms 10 to 110, margins 0.45 to 0.8, λ 35, on the angle. */
  public static MagFace usual(double scale) {
    return new MagFace(10, 110, .45, .8, 35, Kind.ANGLE, scale);
  }

  @Override
  public double limit() {
    return Clipping.LIMIT;
  }

  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    double a = clipped(norm);
    double m = (a - leastNorm) * slope() + leastMargin;
    double byNorm = inside(norm) ? slope() : 0;
    if (kind == Kind.COSINE) {
      return new TargetLogit(cosine - m, 1, -byNorm);
    }
    double sine = Math.sqrt(1 - cosine * cosine);
    double phi = cosine * Math.cos(m) - sine * Math.sin(m);
    return phi > cosine
        ? TargetLogit.of(cosine, 1)
        : new TargetLogit(
            phi,
            Math.cos(m) + cosine / sine * Math.sin(m),
            -byNorm * (cosine * Math.sin(m) + sine * Math.cos(m)));
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    SDVariable a = graph.math().clipByValue(norms, leastNorm, mostNorm);
    SDVariable m = a.sub(leastNorm).mul(slope()).add(leastMargin);
    if (kind == Kind.COSINE) {
      return cosines.sub(m);
    }
    SDVariable sine = graph.math().sqrt(graph.math().square(cosines).rsub(1.0));
    SDVariable phi = cosines.mul(graph.math().cos(m)).sub(sine.mul(graph.math().sin(m)));
    return Graphs.choose(phi.gt(cosines), cosines, phi);
  }

  @Override
  public Optional<INDArray> others(INDArray cosines, double[] targets, LossState state) {
    return Optional.of(Clipping.clip(cosines));
  }

  @Override
  public NormPenalty penalty(double norm) {
    double a = clipped(norm);
    double value = lambda * (a / (mostNorm * mostNorm) + 1 / a);
    return new NormPenalty(
        value, inside(norm) ? lambda * (1 / (mostNorm * mostNorm) - 1 / (a * a)) : 0);
  }

  private double slope() {
    return (mostMargin - leastMargin) / (mostNorm - leastNorm);
  }

  private double clipped(double norm) {
    return Math.min(Math.max(norm, leastNorm), mostNorm);
  }

  private boolean inside(double norm) {
    return norm >= leastNorm && norm <= mostNorm;
  }
}
