package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's own operations. */
final class Nd4jMatrices implements Matrices {
  @Override
  public void product(INDArray a, INDArray b, INDArray c, Transposed transposed) {
    Nd4j.gemm(a, b, c, transposed == Transposed.LEFT, transposed == Transposed.RIGHT, 1, 0);
  }

  @Override
  public void productLess(INDArray a, INDArray b, INDArray c) {
    c.negi();
    Nd4j.gemm(a, b, c, true, false, 1, 1);
  }

  @Override
  public void times(INDArray a, INDArray b, INDArray c) {
    if (a != c) {
      c.assign(a);
    }
    if (b.size(0) == a.size(0)) {
      c.muli(b);
    } else {
      c.muliRowVector(b);
    }
  }

  @Override
  public void plus(INDArray a, INDArray b, INDArray c) {
    if (a != c) {
      c.assign(a);
    }
    if (b.size(0) == a.size(0)) {
      c.addi(b);
    } else {
      c.addiRowVector(b);
    }
  }

  @Override
  public void sumRows(INDArray a, INDArray c) {
    c.assign(a.sum(true, 0));
  }
}
