package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Cosines between rows x of X [N, D] and columns w of W [D, M], and the way back. Vectors whose
 * squared length is below a floor are divided by the floor's root instead of their length, and
 * their gradient is not projected (trap 28).
 *
 * <p>With the gradient G of the cosines Z: dW = X̂ᵀG/|w| less, per column, its own ŵ times Σ G∘Z /
 * |w|; dX likewise. So only Z and G of [N, M] are kept, never a normalised copy of W.
 */
final class CosineMatrix {
  private final INDArray w;
  private final INDArray unitX;
  private final INDArray lengthX;
  private final INDArray lengthW;
  private final INDArray projectedX;
  private final INDArray projectedW;
  private final INDArray cosines;

  CosineMatrix(INDArray x, INDArray w, double leastSquare) {
    this.w = w;
    INDArray squareX = x.mul(x).sum(1);
    INDArray squareW = w.mul(w).sum(0);
    lengthX = Transforms.sqrt(Transforms.max(squareX, leastSquare, true), false);
    lengthW = Transforms.sqrt(Transforms.max(squareW, leastSquare, true), false);
    projectedX = squareX.gte(leastSquare).castTo(x.dataType());
    projectedW = squareW.gte(leastSquare).castTo(x.dataType());
    unitX = x.dup('c').diviColumnVector(lengthX);
    cosines = unitX.mmul(w).diviRowVector(lengthW);
  }

  /** [N, M]; to be left as it is until {@link #backward} is done. */
  INDArray cosines() {
    return cosines;
  }

  /** X with rows of length 1. */
  INDArray unitX() {
    return unitX;
  }

  /**
   * @param gradient of the cosines [N, M], overwritten
   * @param toW [D, M], overwritten
   * @param toUnitX further gradient of X̂ [N, D], added to and overwritten
   * @param toX [N, D], overwritten
   */
  void backward(INDArray gradient, INDArray toW, INDArray toUnitX, INDArray toX) {
    INDArray pull = gradient.mul(cosines).sum(0);
    gradient.diviRowVector(lengthW);
    toUnitX.addi(gradient.mmul(w.transpose()));
    Nd4j.gemm(unitX, gradient, toW, true, false, 1, 0);
    pull.divi(lengthW).divi(lengthW).muli(projectedW);
    toW.subi(w.mulRowVector(pull));
    INDArray along = toUnitX.mul(unitX).sum(1).muli(projectedX);
    toX.assign(toUnitX.subi(unitX.mulColumnVector(along)).diviColumnVector(lengthX));
  }
}
