package io.sparkface.models.margin;

import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A margin that follows image quality, told by the embedding's length (Kim et al., 2022; spec 4.2).
 * With a = clip(norm, 0.001, 100) and moving mean μ and deviation σ of a:
 *
 * <pre>
 * k = m clip(h (a - μ) / (σ + 0.001), -1, 1)
 * φ(c) = cos(clip(acos c - k, 0.001, π - 0.001)) - (m + k)
 * </pre>
 *
 * μ and σ take in the batch before they are used; k has no gradient. All cosines are clipped to
 * ±0.999. A batch of one image has no deviation and leaves σ as it was.
 *
 * @param m usually 0.4; 0.75 for sets of low quality
 * @param h usually 0.333
 * @param shareOfBatch of the moving averages, usually 0.01
 * @param scale usually 64
 */
public record AdaFace(double m, double h, double shareOfBatch, double scale) implements Margin {
  /** μ. */
  public static final String MEAN = "adaface-mean";

  /** σ. */
  public static final String DEVIATION = "adaface-deviation";

  private static final double FIRST_MEAN = 20;
  private static final double FIRST_DEVIATION = 100;
  private static final double LEAST_NORM = 1e-3;
  private static final double MOST_NORM = 100;
  private static final double EPSILON = 1e-3;

  @Override
  public double limit() {
    return Clipping.LIMIT;
  }

  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    double k = shift(norm, state);
    double angle = Math.acos(cosine) - k;
    double within = Math.min(Math.max(angle, EPSILON), Math.PI - EPSILON);
    return TargetLogit.of(
        Math.cos(within) - m - k,
        angle == within ? Math.sin(angle) / Math.sqrt(1 - cosine * cosine) : 0);
  }

  private double shift(double norm, LossState state) {
    double deviations = (clipped(norm) - state.get(MEAN)) / (state.get(DEVIATION) + EPSILON);
    return m * Math.min(Math.max(deviations * h, -1), 1);
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    SDVariable deviations =
        graph
            .math()
            .clipByValue(norms, LEAST_NORM, MOST_NORM)
            .sub(state.get(MEAN))
            .div(state.get(DEVIATION) + EPSILON);
    SDVariable k = graph.math().clipByValue(deviations.mul(h), -1, 1).mul(m);
    SDVariable angle =
        graph.math().clipByValue(graph.math().acos(cosines).sub(k), EPSILON, Math.PI - EPSILON);
    return graph.math().cos(angle).sub(k.add(m));
  }

  @Override
  public Optional<INDArray> others(INDArray cosines, double[] targets, LossState state) {
    return Optional.of(Clipping.clip(cosines));
  }

  @Override
  public LossState initialState() {
    return LossState.of(Map.of(MEAN, FIRST_MEAN, DEVIATION, FIRST_DEVIATION));
  }

  @Override
  public LossState next(LossState before, CosineBatch batch) {
    double[] norms = DoubleStream.of(batch.norms()).map(AdaFace::clipped).toArray();
    double mean = DoubleStream.of(norms).average().orElseThrow();
    double squares = DoubleStream.of(norms).map(a -> (a - mean) * (a - mean)).sum();
    double deviation =
        norms.length > 1 ? Math.sqrt(squares / (norms.length - 1)) : before.get(DEVIATION);
    return LossState.of(
        Map.of(
            MEAN,
            shareOfBatch * mean + (1 - shareOfBatch) * before.get(MEAN),
            DEVIATION,
            shareOfBatch * deviation + (1 - shareOfBatch) * before.get(DEVIATION)));
  }

  private static double clipped(double norm) {
    return Math.min(Math.max(norm, LEAST_NORM), MOST_NORM);
  }
}
