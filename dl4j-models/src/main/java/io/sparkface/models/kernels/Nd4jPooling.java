package io.sparkface.models.kernels;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Goes over the places of a window: at each, the values of all windows are a strided view of the
 * padded input.
 */
final class Nd4jPooling implements Pooling {
  private final PoolingShape shape;
  private final int top;
  private final int left;

  Nd4jPooling(PoolingShape shape) {
    this.shape = shape;
    this.top = shape.padding().before(shape.height(), shape.kernel(), shape.stride());
    this.left = shape.padding().before(shape.width(), shape.kernel(), shape.stride());
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      y.assign(shape.kind() == PoolingShape.Kind.MAX ? largest(x) : sum(x).divi(counts(x)));
    }
  }

  private INDArray largest(INDArray x) {
    INDArray padded = padded(x, Double.NEGATIVE_INFINITY);
    INDArray result = at(padded, 0).dup('c');
    for (int place = 1; place < places(); place++) {
      result = Transforms.max(result, at(padded, place), false);
    }
    return result;
  }

  private INDArray sum(INDArray x) {
    INDArray padded = padded(x, 0);
    INDArray result = Nd4j.zeros(x.dataType(), shape.outputShape());
    for (int place = 0; place < places(); place++) {
      result.addi(at(padded, place));
    }
    return result;
  }

  private INDArray counts(INDArray x) {
    return sum(Nd4j.ones(x.dataType(), shape.inputShape()));
  }

  @Override
  public void backward(INDArray x, INDArray gradient, INDArray xGradient) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray result = padded(Nd4j.zeros(x.dataType(), shape.inputShape()), 0);
      if (shape.kind() == PoolingShape.Kind.MAX) {
        INDArray padded = padded(x, Double.NEGATIVE_INFINITY);
        INDArray largest = largest(x);
        INDArray open = gradient.dup('c');
        for (int place = 0; place < places(); place++) {
          // the first of several equal values takes all
          INDArray taken = at(padded, place).eq(largest).castTo(x.dataType()).muli(open);
          at(result, place).addi(taken);
          open.subi(taken);
        }
      } else {
        INDArray share = gradient.div(counts(x));
        for (int place = 0; place < places(); place++) {
          at(result, place).addi(share);
        }
      }
      xGradient.assign(result.get(inside()));
    }
  }

  private int places() {
    return shape.kernel() * shape.kernel();
  }

  private INDArray at(INDArray padded, int place) {
    int row = place / shape.kernel();
    int column = place % shape.kernel();
    return padded.get(
        NDArrayIndex.all(),
        steps(row, shape.outHeight()),
        steps(column, shape.outWidth()),
        NDArrayIndex.all());
  }

  private INDArrayIndex steps(int from, int count) {
    return NDArrayIndex.interval(from, shape.stride(), from + (count - 1) * shape.stride() + 1);
  }

  private INDArray padded(INDArray x, double border) {
    int bottom = shape.padding().after(shape.height(), shape.kernel(), shape.stride());
    int right = shape.padding().after(shape.width(), shape.kernel(), shape.stride());
    INDArray whole =
        Nd4j.valueArrayOf(
            new long[] {
              shape.batch(),
              top + shape.height() + bottom,
              left + shape.width() + right,
              shape.channels()
            },
            border,
            x.dataType());
    whole.get(inside()).assign(x);
    return whole;
  }

  private INDArrayIndex[] inside() {
    return new INDArrayIndex[] {
      NDArrayIndex.all(),
      NDArrayIndex.interval(top, top + shape.height()),
      NDArrayIndex.interval(left, left + shape.width()),
      NDArrayIndex.all()
    };
  }
}
