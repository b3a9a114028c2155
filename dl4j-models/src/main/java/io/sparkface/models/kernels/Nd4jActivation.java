package io.sparkface.models.kernels;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

final class Nd4jActivation implements ChannelActivation {
  private final NormalizationShape shape;

  Nd4jActivation(NormalizationShape shape) {
    this.shape = shape;
  }

  @Override
  public void forward(INDArray x, INDArray learnt, INDArray y) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      rows(y).assign(Nd4jActivations.forward(shape.activation(), rows(x), kinds(learnt)));
    }
  }

  @Override
  public void backward(
      INDArray x, INDArray learnt, INDArray gradient, INDArray xGradient, INDArray learntGradient) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray before = rows(x);
      INDArray given = rows(gradient);
      if (learnt != null) {
        learntGradient.assign(
            Nd4jActivations.learntGradient(shape.activation(), before, kinds(learnt), given)
                .reshape(learntGradient.shape()));
      }
      rows(xGradient)
          .assign(Nd4jActivations.backward(shape.activation(), before, kinds(learnt), given));
    }
  }

  private INDArray kinds(INDArray learnt) {
    return learnt == null ? null : learnt.reshape(-1, shape.channels());
  }

  private INDArray rows(INDArray x) {
    return x.reshape(shape.rows(), shape.channels());
  }
}
