package io.sparkface.models.layers;

import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;

/** A regularisation of some parts of a block only. */
final class PartsRegularization implements Regularization {
  private static final long serialVersionUID = 1L;

  private final Regularization inner;
  private final ParameterBlock block;
  private final List<Part> parts;

  PartsRegularization(Regularization inner, ParameterBlock block, List<Part> parts) {
    this.inner = inner;
    this.block = block;
    this.parts = parts;
  }

  @Override
  public ApplyStep applyStep() {
    return inner.applyStep();
  }

  @Override
  public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
    for (Part part : parts) {
      inner.apply(block.flat(param, part), block.flat(gradView, part), lr, iteration, epoch);
    }
  }

  @Override
  public double score(INDArray param, int iteration, int epoch) {
    return parts.stream()
        .mapToDouble(part -> inner.score(block.flat(param, part), iteration, epoch))
        .sum();
  }

  @Override
  public Regularization clone() {
    return new PartsRegularization(inner.clone(), block, parts);
  }
}
