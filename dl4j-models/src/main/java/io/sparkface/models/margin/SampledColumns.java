package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scatter.ScatterUpdate;
import org.nd4j.linalg.api.ops.impl.shape.Gather;
import org.nd4j.linalg.factory.Nd4j;

/** The columns of some classes in [D, C * K]. */
final class SampledColumns {
  private final int[] columns;

  /**
   * @param chosen classes, ascending
   */
  SampledColumns(int[] chosen, int subCentres) {
    columns = new int[chosen.length * subCentres];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = chosen[i / subCentres] * subCentres + i % subCentres;
    }
  }

  /** A copy of the columns. */
  INDArray gather(INDArray whole) {
    return Nd4j.exec(new Gather(whole, columns, 1))[0];
  }

  /** Writes the columns into {@code whole}, and zero everywhere else. */
  void scatter(INDArray some, INDArray whole) {
    whole.assign(0);
    INDArray indices = Nd4j.createFromArray(columns);
    Nd4j.scatterUpdate(ScatterUpdate.UpdateOp.ASSIGN, whole, indices, some, 0);
  }
}
