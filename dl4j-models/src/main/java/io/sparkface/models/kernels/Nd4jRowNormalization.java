package io.sparkface.models.kernels;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

final class Nd4jRowNormalization implements RowNormalization {
  private final long channels;
  private final double epsilon;

  Nd4jRowNormalization(long channels, double epsilon) {
    this.channels = channels;
    this.epsilon = epsilon;
  }

  @Override
  public void forward(INDArray x, INDArray scaleShift, INDArray y) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray centred = centred(x);
      INDArray normal = centred.muliColumnVector(inverseDeviation(centred));
      normal.muliRowVector(scaleShift.getRow(0, true)).addiRowVector(scaleShift.getRow(1, true));
      y.assign(normal.reshape(y.shape()));
    }
  }

  @Override
  public void backward(
      INDArray x,
      INDArray scaleShift,
      INDArray gradient,
      INDArray xGradient,
      INDArray scaleShiftGradient) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray normal = centred(x);
      INDArray inverse = inverseDeviation(normal);
      normal.muliColumnVector(inverse);
      INDArray given = gradient.reshape(-1, channels);
      scaleShiftGradient.getRow(0).assign(normal.mul(given).sum(0));
      scaleShiftGradient.getRow(1).assign(given.sum(0));
      INDArray inner = given.mulRowVector(scaleShift.getRow(0, true));
      INDArray along = inner.mul(normal).mean(true, 1);
      INDArray result =
          inner.subColumnVector(inner.mean(true, 1)).subi(normal.muliColumnVector(along));
      xGradient.assign(result.muliColumnVector(inverse).reshape(xGradient.shape()));
    }
  }

  private INDArray centred(INDArray x) {
    INDArray rows = x.reshape(-1, channels);
    return rows.subColumnVector(rows.mean(true, 1));
  }

  private INDArray inverseDeviation(INDArray centred) {
    INDArray variance = centred.mul(centred).mean(true, 1);
    return Transforms.pow(variance.addi(epsilon), -0.5, false);
  }
}
