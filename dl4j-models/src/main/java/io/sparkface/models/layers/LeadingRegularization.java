package io.sparkface.models.layers;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.regularization.Regularization;

/** A regularisation of the first numbers of a block only. */
final class LeadingRegularization implements Regularization {
  private static final long serialVersionUID = 1L;

  private final Regularization inner;
  private final long length;

  LeadingRegularization(Regularization inner, long length) {
    this.inner = inner;
    this.length = length;
  }

  @Override
  public ApplyStep applyStep() {
    return inner.applyStep();
  }

  @Override
  public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
    inner.apply(leading(param), leading(gradView), lr, iteration, epoch);
  }

  @Override
  public double score(INDArray param, int iteration, int epoch) {
    return inner.score(leading(param), iteration, epoch);
  }

  @Override
  public Regularization clone() {
    return new LeadingRegularization(inner.clone(), length);
  }

  private INDArray leading(INDArray whole) {
    return whole.reshape(whole.length()).get(NDArrayIndex.interval(0, length));
  }
}
