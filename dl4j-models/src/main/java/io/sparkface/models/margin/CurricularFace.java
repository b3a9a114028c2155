package io.sparkface.models.margin;

import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link ArcFaceSimple} on the target; a class j whose cosine z is above φ gets z (T + z). T ← 0.99
 * T + 0.01 mean(c) over the targets, before it is used (Huang et al., 2020; spec 4.2). In a row of
 * two mixed images the first's φ decides which classes are hard.
 *
 * @param m added to the angle, radians, usually 0.5
 * @param scale usually 64
 * @param hardScale T before the first batch, usually 0
 */
public record CurricularFace(double m, double scale, double hardScale) implements Margin {
  /** T. */
  public static final String HARD_SCALE = "curricularface-t";

  private static final double SHARE_OF_BATCH = 0.01;

  @Override
  public double limit() {
    return ANGULAR_LIMIT;
  }

  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    return easy().target(cosine, norm, state);
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    return easy().target(graph, cosines, norms, state);
  }

  @Override
  public Optional<INDArray> others(INDArray cosines, double[] targets, LossState state) {
    double t = state.get(HARD_SCALE);
    INDArray phi = Nd4j.createFromArray(targets).castTo(cosines.dataType());
    INDArray hard = cosines.gt(phi.reshape(-1, 1).broadcast(cosines.shape()));
    hard = hard.castTo(cosines.dataType());
    INDArray slopes = cosines.mul(2).addi(t - 1).muli(hard).addi(1);
    cosines.addi(cosines.add(t - 1).muli(cosines).muli(hard));
    return Optional.of(slopes);
  }

  @Override
  public LossState initialState() {
    return LossState.of(Map.of(HARD_SCALE, hardScale));
  }

  @Override
  public LossState next(LossState before, CosineBatch batch) {
    double mean = DoubleStream.of(batch.targets()).average().orElseThrow();
    double t = (1 - SHARE_OF_BATCH) * before.get(HARD_SCALE) + SHARE_OF_BATCH * mean;
    return LossState.of(Map.of(HARD_SCALE, t));
  }

  private ArcFaceSimple easy() {
    return new ArcFaceSimple(m, scale);
  }
}
