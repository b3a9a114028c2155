package io.sparkface.models.kernels;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link Attention} image by image and head by head. */
final class Nd4jAttention implements Attention {
  private final AttentionShape shape;
  private INDArray weights;
  private RelativePlaces places;

  Nd4jAttention(AttentionShape shape) {
    this.shape = shape;
  }

  private void prepare(DataType type) {
    long length = shape.length();
    weights =
        Nd4j.createUninitializedDetached(
            type, (long) shape.batch() * shape.heads(), length, length);
    if (shape.places() == AttentionShape.Places.RELATIVE) {
      places = new RelativePlaces(shape, type);
    }
  }

  @Override
  public void forward(INDArray x, INDArray positions, INDArray y) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      if (weights == null) {
        prepare(x.dataType());
      }
      INDArray relative = places == null ? null : places.vectors(positions);
      for (int image = 0; image < shape.batch(); image++) {
        for (int head = 0; head < shape.heads(); head++) {
          INDArray query = part(x, image, 0, head);
          INDArray scores = query.mmul(part(x, image, 1, head).transpose());
          if (relative != null) {
            for (int place = 0; place < shape.length(); place++) {
              INDArray keys = relative.slice(place);
              scores.getRow(place).addi(keys.mmul(query.getRow(place).reshape(-1, 1)).reshape(-1));
            }
          }
          INDArray share = Transforms.softmax(scores.muli(shape.scale()).dup('c'), false);
          weights(image, head).assign(share);
          part(y, image, 0, head).assign(share.mmul(part(x, image, 2, head)));
        }
      }
    }
  }

  @Override
  public void backward(
      INDArray x,
      INDArray positions,
      INDArray gradient,
      INDArray room,
      INDArray xGradient,
      INDArray positionsGradient) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray relative = places == null ? null : places.vectors(positions);
      INDArray relativeGradient = places == null ? null : Nd4j.zerosLike(relative);
      for (int image = 0; image < shape.batch(); image++) {
        for (int head = 0; head < shape.heads(); head++) {
          INDArray query = part(x, image, 0, head);
          INDArray share = weights(image, head);
          INDArray given = part(gradient, image, 0, head);
          part(xGradient, image, 2, head).assign(share.transpose().mmul(given));
          INDArray shareGradient = given.mmul(part(x, image, 2, head).transpose()).dup('c');
          INDArray mean = shareGradient.mul(share).sum(true, 1);
          INDArray scores = shareGradient.subiColumnVector(mean).muli(share).muli(shape.scale());
          INDArray queryGradient = scores.mmul(part(x, image, 1, head));
          part(xGradient, image, 1, head).assign(scores.transpose().mmul(query));
          if (relative != null) {
            for (int place = 0; place < shape.length(); place++) {
              INDArray row = scores.getRow(place).reshape(1, -1);
              queryGradient.getRow(place).addi(row.mmul(relative.slice(place)).reshape(-1));
              relativeGradient
                  .slice(place)
                  .addi(row.transpose().mmul(query.getRow(place).reshape(1, -1)));
            }
          }
          part(xGradient, image, 0, head).assign(queryGradient);
        }
      }
      if (relative != null) {
        places.backward(relativeGradient, positionsGradient);
      }
    }
  }

  private INDArray weights(int image, int head) {
    return weights.slice((long) image * shape.heads() + head);
  }

  /** A view {@code [length, size]}: of queries (0), keys (1), values (2), or of an output. */
  private INDArray part(INDArray images, int image, int kind, int head) {
    long from = ((long) kind * shape.heads() + head) * shape.size();
    return images
        .slice(image)
        .reshape('c', shape.length(), images.size(3))
        .get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + shape.size()));
  }
}
