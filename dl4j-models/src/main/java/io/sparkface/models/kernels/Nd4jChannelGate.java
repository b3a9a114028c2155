package io.sparkface.models.kernels;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

final class Nd4jChannelGate implements ChannelGate {
  private final int batch;
  private final int positions;
  private final int channels;

  Nd4jChannelGate(int batch, int positions, int channels) {
    this.batch = batch;
    this.positions = positions;
    this.channels = channels;
  }

  @Override
  public void forward(INDArray x, INDArray gate, INDArray y) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      flat(y).assign(flat(x).mul(everywhere(gate)));
    }
  }

  @Override
  public void backwardGate(INDArray x, INDArray gradient, INDArray product, INDArray result) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      result.assign(flat(x).mul(flat(gradient)).sum(1).reshape(result.shape()));
    }
  }

  @Override
  public void backwardData(INDArray gradient, INDArray gate, INDArray added, INDArray result) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      flat(result).assign(flat(gradient).mul(everywhere(gate)).addi(everywhere(added)));
    }
  }

  private INDArray everywhere(INDArray gate) {
    return gate.reshape(batch, 1, channels).broadcast(batch, positions, channels);
  }

  private INDArray flat(INDArray x) {
    return x.reshape(batch, positions, channels);
  }
}
