package io.sparkface.models.kernels;

import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.nd4j.linalg.api.ndarray.INDArray;

final class OneDnnAddition implements Addition {
  private final Slot left;
  private final Slot right;
  private final Slot sum;
  private final Call add;
  private final Call addInPlace;

  OneDnnAddition(long length) {
    left = Slot.open(Layout.row(length));
    right = Slot.open(Layout.row(length));
    sum = Slot.open(Layout.row(length));
    add = Call.binary(algorithm.binary_add, left, right, sum);
    addInPlace = Call.binary(algorithm.binary_add, left, right, left);
  }

  @Override
  public void forward(INDArray a, INDArray b, INDArray result) {
    left.at(a);
    right.at(b);
    if (DenseFloats.address(a) == DenseFloats.address(result)) {
      addInPlace.run();
    } else {
      sum.at(result);
      add.run();
    }
  }
}
