package io.sparkface.models.margin;

import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.kernels.Matrices;
import io.sparkface.models.kernels.Matrices.Transposed;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Cosines between rows x of X [N, D] and columns w of W [D, M], and the way back. Vectors whose
 * squared length is below a floor are divided by the floor's root instead of their length, and
 * their gradient is not projected (trap 28).
 *
 * <p>With the gradient G of the cosines Z: dW = X̂ᵀG/|w| less, per column, its own ŵ times Σ G∘Z /
 * |w|; dX likewise. So only Z and G of [N, M] are kept, never a normalised copy of W. Buffers serve
 * every step of one shape.
 */
final class CosineMatrix {
  private final double leastSquare;
  private final Matrices matrices;
  private final INDArray unitX;
  private final INDArray toUnitX;
  private final INDArray cosines;
  private final INDArray gradient;
  private final INDArray squareW;
  private final INDArray pull;
  private INDArray w;
  private INDArray lengthX;
  private INDArray projectedX;
  private INDArray perLengthW;
  private INDArray projectedW;

  private CosineMatrix(INDArray x, INDArray weights, double leastSquare) {
    DataType type = x.dataType();
    Kernels kernels = Kernels.forType(type);
    long n = x.size(0);
    long m = weights.size(1);
    this.leastSquare = leastSquare;
    matrices = kernels.matrices();
    unitX = kernels.buffer(type, x.shape());
    toUnitX = kernels.buffer(type, x.shape());
    cosines = kernels.buffer(type, n, m);
    gradient = kernels.buffer(type, n, m);
    squareW = kernels.buffer(type, 1, m);
    pull = kernels.buffer(type, 1, m);
  }

  /** For arrays of the shapes of these. */
  static CosineMatrix of(INDArray x, INDArray weights, double leastSquare) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return new CosineMatrix(x, weights, leastSquare);
    }
  }

  /** Whether it is for arrays of these shapes and this floor. */
  boolean fits(INDArray x, INDArray weights, double least) {
    return leastSquare == least
        && x.size(0) == cosines.size(0)
        && x.size(1) == unitX.size(1)
        && weights.size(1) == cosines.size(1);
  }

  /**
   * Computes the cosines [N, M], which are to be left as they are until {@link #backward} is done.
   *
   * @param scratch of the shape of {@code weights}, overwritten
   */
  INDArray forward(INDArray x, INDArray weights, INDArray scratch) {
    w = weights;
    INDArray squareX = x.mul(x).sum(true, 1);
    lengthX = Transforms.sqrt(Transforms.max(squareX, leastSquare, true), false);
    projectedX = squareX.gte(leastSquare).castTo(x.dataType());
    unitX.assign(x).diviColumnVector(lengthX);
    matrices.times(w, w, scratch);
    matrices.sumRows(scratch, squareW);
    projectedW = squareW.gte(leastSquare).castTo(x.dataType());
    perLengthW = Transforms.max(squareW, leastSquare, true);
    Transforms.sqrt(perLengthW, false).rdivi(1);
    matrices.product(unitX, w, cosines, Transposed.NEITHER);
    matrices.times(cosines, perLengthW, cosines);
    return cosines;
  }

  /** X with rows of length 1. */
  INDArray unitX() {
    return unitX;
  }

  /** A buffer for what becomes the gradient of the cosines [N, M]. */
  INDArray gradient() {
    return gradient;
  }

  /**
   * @param toCosines gradient of the cosines [N, M], overwritten
   * @param toW [D, M], overwritten
   * @param moreToUnitX further gradient of X̂ [N, D], or null
   * @param toX [N, D], overwritten
   */
  void backward(INDArray toCosines, INDArray toW, INDArray moreToUnitX, INDArray toX) {
    matrices.times(cosines, toCosines, cosines);
    matrices.sumRows(cosines, pull);
    pull.muli(perLengthW).muli(perLengthW).muli(projectedW);
    matrices.times(toCosines, perLengthW, toCosines);
    matrices.product(toCosines, w, toUnitX, Transposed.RIGHT);
    if (moreToUnitX != null) {
      toUnitX.addi(moreToUnitX);
    }
    matrices.times(w, pull, toW);
    matrices.productLess(unitX, toCosines, toW);
    INDArray along = toUnitX.mul(unitX).sum(true, 1).muli(projectedX);
    toX.assign(unitX.mulColumnVector(along).rsubi(toUnitX).diviColumnVector(lengthX));
  }
}
