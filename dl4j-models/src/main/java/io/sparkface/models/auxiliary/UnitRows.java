package io.sparkface.models.auxiliary;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Rows brought to length 1, x / √max(|x|², 1e-12), and the way back. */
final class UnitRows {
  private static final double LEAST_SQUARE = 1e-12;

  private final INDArray unit;
  private final INDArray length;
  private final INDArray projected;

  UnitRows(INDArray x) {
    INDArray square = x.mul(x).sum(1);
    length = Transforms.sqrt(Transforms.max(square, LEAST_SQUARE, true), false);
    projected = square.gte(LEAST_SQUARE).castTo(x.dataType());
    unit = x.dup('c').diviColumnVector(length);
  }

  /** [N, D]. */
  INDArray unit() {
    return unit;
  }

  /** From the gradient of the unit rows to that of x, as a new array. */
  INDArray backward(INDArray gradient) {
    INDArray along = gradient.mul(unit).sum(1).muli(projected);
    return gradient.sub(unit.mulColumnVector(along)).diviColumnVector(length);
  }
}
