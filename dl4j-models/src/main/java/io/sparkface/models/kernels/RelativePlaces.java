package io.sparkface.models.kernels;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Which two of the learnt vectors belong to each pair of places: R = M positions with the 0/1
 * matrix M {@code [length * length, distances]}.
 */
final class RelativePlaces {
  private final AttentionShape shape;
  private final INDArray membership;

  RelativePlaces(AttentionShape shape, DataType type) {
    this.shape = shape;
    int length = shape.length();
    int width = shape.width();
    float[][] rows = new float[length * length][shape.distances()];
    for (int query = 0; query < length; query++) {
      for (int key = 0; key < length; key++) {
        int down = key / width - query / width;
        int right = key % width - query % width;
        float[] row = rows[query * length + key];
        row[down + shape.height() - 1] = 1;
        row[2 * shape.height() - 1 + right + width - 1] = 1;
      }
    }
    // outlives the workspace of the step it is made in
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      membership = Nd4j.create(rows).castTo(type);
    }
  }

  /** {@code [query, key, size]}. */
  INDArray vectors(INDArray positions) {
    INDArray product = membership.mmul(positions);
    return (product.ordering() == 'c' ? product : product.dup('c'))
        .reshape('c', shape.length(), shape.length(), shape.size());
  }

  /** dLoss/dpositions for dLoss/dvectors. */
  void backward(INDArray vectorsGradient, INDArray positionsGradient) {
    INDArray flat =
        vectorsGradient.reshape('c', (long) shape.length() * shape.length(), shape.size());
    positionsGradient.assign(membership.transpose().mmul(flat));
  }
}
