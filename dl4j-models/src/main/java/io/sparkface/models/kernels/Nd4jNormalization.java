package io.sparkface.models.kernels;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

final class Nd4jNormalization implements Normalization {
  private final NormalizationShape shape;
  private INDArray mean;
  private INDArray variance;

  Nd4jNormalization(NormalizationShape shape) {
    this.shape = shape;
  }

  @Override
  public void forward(INDArray x, INDArray scaleShift, INDArray alpha, INDArray y) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray rows = rows(x);
      mean = row(rows.mean(0));
      INDArray centred = rows.subRowVector(mean);
      variance = row(centred.mul(centred).mean(0));
      INDArray normal = scaled(centred.muliRowVector(inverseDeviation()), scaleShift);
      rows(y).assign(Nd4jActivations.forward(shape.activation(), normal, alphaRows(alpha)));
    }
  }

  @Override
  public void backward(
      INDArray x,
      INDArray scaleShift,
      INDArray alpha,
      INDArray gradient,
      INDArray xGradient,
      INDArray scaleShiftGradient,
      INDArray alphaGradient) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray normal = rows(x).subRowVector(mean).muliRowVector(inverseDeviation());
      INDArray before = scaled(normal.dup(), scaleShift);
      INDArray given = rows(gradient);
      if (alphaGradient != null) {
        alphaGradient.assign(
            Nd4jActivations.learntGradient(shape.activation(), before, alphaRows(alpha), given)
                .reshape(alphaGradient.shape()));
      }
      INDArray after =
          Nd4jActivations.backward(shape.activation(), before, alphaRows(alpha), given);
      INDArray byScale = row(after.mul(normal).sum(0));
      INDArray byShift = row(after.sum(0));
      INDArray factor = inverseDeviation().muli(gamma(scaleShift));
      INDArray result =
          after
              .subRowVector(byShift.div(shape.rows()))
              .subi(normal.mulRowVector(byScale.div(shape.rows())))
              .muliRowVector(factor);
      rows(xGradient).assign(result);
      INDArray pair = scaleShiftGradient.reshape(2, shape.channels());
      pair.putRow(0, byScale);
      pair.putRow(1, byShift);
    }
  }

  @Override
  public void updateRunning(INDArray statistics, double momentum) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      double unbiased = shape.rows() > 1 ? shape.rows() / (shape.rows() - 1.0) : 1;
      INDArray running = statistics.reshape(2, shape.channels());
      running.muli(momentum);
      running.getRow(0).addi(mean.mul(1 - momentum).reshape(shape.channels()));
      running.getRow(1).addi(variance.mul((1 - momentum) * unbiased).reshape(shape.channels()));
    }
  }

  private INDArray inverseDeviation() {
    return Transforms.sqrt(variance.add(shape.epsilon()), false).rdivi(1);
  }

  private INDArray scaled(INDArray normal, INDArray scaleShift) {
    return normal
        .muliRowVector(gamma(scaleShift))
        .addiRowVector(row(scaleShift.reshape(2, shape.channels()).getRow(1)));
  }

  private INDArray gamma(INDArray scaleShift) {
    return row(scaleShift.reshape(2, shape.channels()).getRow(0));
  }

  private INDArray alphaRows(INDArray alpha) {
    return alpha == null ? null : alpha.reshape(-1, shape.channels());
  }

  private INDArray rows(INDArray x) {
    return x.reshape(shape.rows(), shape.channels());
  }

  private INDArray row(INDArray values) {
    return values.reshape(1, shape.channels());
  }
}
