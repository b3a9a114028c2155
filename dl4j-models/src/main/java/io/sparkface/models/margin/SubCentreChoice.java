package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The largest of K neighbouring columns of [N, C * K]. */
final class SubCentreChoice {
  private final INDArray all;
  private final int subCentres;

  SubCentreChoice(INDArray all, int subCentres) {
    this.all = all;
    this.subCentres = subCentres;
  }

  /** [N, C]; for K = 1 the array itself. */
  INDArray nearest() {
    return subCentres == 1 ? all : grouped(all).max(2);
  }

  /**
   * The gradient [N, C * K] whose winners have {@code gradient} [N, C] and whose others zero; equal
   * winners share.
   */
  INDArray spread(INDArray gradient) {
    if (subCentres == 1) {
      return gradient;
    }
    INDArray winners = grouped(all).eq(perGroup(nearest())).castTo(all.dataType());
    gradient.divi(winners.sum(2));
    return winners.muli(perGroup(gradient)).reshape('c', all.shape());
  }

  private INDArray perGroup(INDArray values) {
    return values
        .reshape('c', values.size(0), values.size(1), 1)
        .broadcast(values.size(0), values.size(1), subCentres);
  }

  private INDArray grouped(INDArray columns) {
    return columns.reshape('c', columns.size(0), columns.size(1) / subCentres, subCentres);
  }
}
