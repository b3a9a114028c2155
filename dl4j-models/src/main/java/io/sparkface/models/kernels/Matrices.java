package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Operations on dense c-ordered matrices. What a shape needs is prepared when it is first met and
 * kept, so one object belongs to one replica.
 */
public interface Matrices {
  /** Which factor of a product is to be transposed. */
  enum Transposed {
    NEITHER,
    LEFT,
    RIGHT
  }

  /** c = a b, with a factor transposed. */
  void product(INDArray a, INDArray b, INDArray c, Transposed transposed);

  /** c = aᵀ b - c. */
  void productLess(INDArray a, INDArray b, INDArray c);

  /** c = a ∘ b; b may have a single row, which then counts for all; c may be a. */
  void times(INDArray a, INDArray b, INDArray c);

  /** c = a + b; b may have a single row, which then counts for all; c may be a. */
  void plus(INDArray a, INDArray b, INDArray c);

  /** c [1, columns] = the sum of the rows of a. */
  void sumRows(INDArray a, INDArray c);
}
