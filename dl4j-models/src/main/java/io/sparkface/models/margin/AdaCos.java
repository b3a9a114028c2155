package io.sparkface.models.margin;

import java.util.Map;
import java.util.stream.DoubleStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * No margin, but a scale that follows training (Zhang et al., 2019; spec 4.2). It starts as √2 ln(C
 * - 1); each batch, before it is used, s ← ln(B) / cos(min(maxMedian, θ)) with B the mean over rows
 * of Σ exp(s z) over the other classes, and θ the target angle of rank N / 2.
 *
 * @param classes C; with sampled classes, those of the whole set
 * @param maxMedian largest angle that counts, radians, usually π / 4
 */
public record AdaCos(int classes, double maxMedian) implements Margin {
  /** s. */
  public static final String SCALE = "adacos-scale";

  public AdaCos {
    if (classes < 3) {
      throw new IllegalArgumentException("AdaCos needs at least 3 classes, got " + classes);
    }
  }

  /** The scale before the first batch. */
  @Override
  public double scale() {
    return Math.sqrt(2) * Math.log(classes - 1.0);
  }

  @Override
  public double scale(LossState state) {
    return state.get(SCALE);
  }

  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    return TargetLogit.of(cosine, 1);
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    return graph.identity(cosines);
  }

  @Override
  public LossState initialState() {
    return LossState.of(Map.of(SCALE, scale()));
  }

  @Override
  public LossState next(LossState before, CosineBatch batch) {
    double s = before.get(SCALE);
    INDArray all = Transforms.exp(batch.cosines().mul(s), false);
    double own = DoubleStream.of(batch.targets()).map(c -> Math.exp(s * c)).sum();
    double others = (all.sumNumber().doubleValue() - own) / batch.cosines().size(0);
    double[] angles =
        DoubleStream.of(batch.targets())
            .map(c -> Math.acos(Math.min(Math.max(c, -1), 1)))
            .sorted()
            .toArray();
    double median = angles[Math.max(angles.length / 2 - 1, 0)];
    return LossState.of(Map.of(SCALE, Math.log(others) / Math.cos(Math.min(maxMedian, median))));
  }
}
