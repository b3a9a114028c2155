package io.sparkface.models.kernels;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Convolution by ND4J's custom operations on an explicitly padded input, because they know only
 * symmetric padding; group by group where a grouped one is not depthwise.
 */
final class Nd4jConvolution implements Convolution {
  private final ConvolutionShape shape;
  private final int[] arguments;

  Nd4jConvolution(ConvolutionShape shape) {
    this.shape = shape;
    int valid = 0;
    int channelsLast = 1;
    int kernelAsHwio = 0;
    this.arguments =
        new int[] {
          shape.kernelHeight(),
          shape.kernelWidth(),
          shape.stride(),
          shape.stride(),
          0,
          0,
          1,
          1,
          valid,
          channelsLast,
          kernelAsHwio
        };
  }

  @Override
  public void forward(INDArray x, INDArray kernel, INDArray y) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray padded = padded(x);
      INDArray shaped = kernel.reshape('c', shape.kernelShape());
      for (int group = 0; group < runs(); group++) {
        INDArray part = Nd4j.createUninitialized(y.dataType(), slice(y, group).shape());
        run(
            name(),
            new INDArray[] {slice(padded, group).dup(), nativeKernel(shaped, group)},
            new INDArray[] {part});
        slice(y, group).assign(part);
      }
    }
  }

  @Override
  public void backwardData(INDArray gradient, INDArray kernel, INDArray xGradient) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray input = padded(xGradient);
      INDArray whole = Nd4j.createUninitialized(input.dataType(), input.shape());
      INDArray shaped = kernel.reshape('c', shape.kernelShape());
      for (int group = 0; group < runs(); group++) {
        slice(whole, group).assign(gradients(input, shaped, gradient, group)[0]);
      }
      xGradient.assign(whole.get(inside()));
    }
  }

  @Override
  public void backwardKernel(INDArray x, INDArray gradient, INDArray kernelGradient) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray input = padded(x);
      INDArray any = Nd4j.createUninitialized(x.dataType(), shape.kernelShape());
      INDArray target = kernelGradient.reshape('c', shape.kernelShape());
      for (int group = 0; group < runs(); group++) {
        INDArray part = slice(target, group);
        part.assign(gradients(input, any, gradient, group)[1].reshape(part.shape()));
      }
    }
  }

  private INDArray[] gradients(INDArray input, INDArray kernel, INDArray gradient, int group) {
    INDArray x = slice(input, group).dup();
    INDArray weights = nativeKernel(kernel, group);
    INDArray[] result = {
      Nd4j.createUninitialized(x.dataType(), x.shape()),
      Nd4j.createUninitialized(x.dataType(), weights.shape())
    };
    run(name() + "_bp", new INDArray[] {x, weights, slice(gradient, group).dup()}, result);
    return result;
  }

  private void run(String name, INDArray[] inputs, INDArray[] outputs) {
    Nd4j.exec(
        DynamicCustomOp.builder(name)
            .addInputs(inputs)
            .addOutputs(outputs)
            .addIntegerArguments(arguments)
            .build());
  }

  private String name() {
    return shape.depthwise() ? "depthwise_conv2d" : "conv2d";
  }

  private int runs() {
    return shape.depthwise() ? 1 : shape.groups();
  }

  /** The last axis' share of a group, as a view. */
  private INDArray slice(INDArray array, int group) {
    if (runs() == 1) {
      return array;
    }
    long width = array.size(3) / runs();
    return array.get(
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.interval(group * width, (group + 1) * width));
  }

  /** ND4J wants a depthwise kernel as {@code [h, w, channels, 1]}. */
  private INDArray nativeKernel(INDArray kernel, int group) {
    return shape.depthwise()
        ? kernel.reshape('c', shape.kernelHeight(), shape.kernelWidth(), shape.in(), 1)
        : slice(kernel, group).dup();
  }

  private INDArray padded(INDArray x) {
    INDArray whole =
        Nd4j.create(
            x.dataType(),
            shape.batch(),
            shape.top() + shape.height() + shape.bottom(),
            shape.left() + shape.width() + shape.right(),
            shape.in());
    whole.put(inside(), x);
    return whole;
  }

  private INDArrayIndex[] inside() {
    return new INDArrayIndex[] {
      NDArrayIndex.all(),
      NDArrayIndex.interval(shape.top(), shape.top() + shape.height()),
      NDArrayIndex.interval(shape.left(), shape.left() + shape.width()),
      NDArrayIndex.all()
    };
  }
}
