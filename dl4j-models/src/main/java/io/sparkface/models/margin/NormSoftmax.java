package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Cosines as they are: φ(c) = c (normalised softmax, no margin). */
public record NormSoftmax(double scale) implements Margin {
  @Override
  public TargetLogit target(double cosine, double norm, LossState state) {
    return TargetLogit.of(cosine, 1);
  }

  @Override
  public SDVariable target(SameDiff graph, SDVariable cosines, SDVariable norms, LossState state) {
    return graph.identity(cosines);
  }
}
