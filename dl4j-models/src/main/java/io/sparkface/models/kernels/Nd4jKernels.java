package io.sparkface.models.kernels;

import io.sparkface.base.UserError;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.same.Negative;
import org.nd4j.linalg.factory.Nd4j;

/** Kernels out of ND4J's operations: any backend, any floating-point type. */
public final class Nd4jKernels implements Kernels {
  @Override
  public Convolution convolution(ConvolutionShape shape, Precision precision) {
    requireFloat(precision);
    return new Nd4jConvolution(shape);
  }

  @Override
  public Normalization normalization(NormalizationShape shape) {
    return new Nd4jNormalization(shape);
  }

  @Override
  public FoldedConvolution foldedConvolution(
      ConvolutionShape shape, Activation activation, Precision precision) {
    requireFloat(precision);
    return new Nd4jFoldedConvolution(shape, activation, FoldedConvolution.Result.REPLACES);
  }

  @Override
  public FoldedConvolution addingConvolution(
      ConvolutionShape shape, Activation activation, Precision precision) {
    requireFloat(precision);
    return new Nd4jFoldedConvolution(shape, activation, FoldedConvolution.Result.IS_ADDED);
  }

  @Override
  public Addition addition(long length) {
    return (left, right, sum) ->
        Nd4j.getExecutioner()
            .exec(
                new org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.AddOp(
                    left, right, sum));
  }

  @Override
  public Momentum momentum(long length, double momentum) {
    return (gradient, velocity, rate) -> {
      velocity.muli(momentum).subi(gradient.muli(rate));
      Nd4j.getExecutioner().exec(new Negative(velocity, gradient));
    };
  }

  @Override
  public GlobalAverage globalAverage(int batch, int height, int width, int channels) {
    return new Nd4jGlobalAverage(height * width);
  }

  @Override
  public ChannelActivation activation(NormalizationShape shape) {
    return new Nd4jActivation(shape);
  }

  @Override
  public Pooling pooling(PoolingShape shape) {
    return new Nd4jPooling(shape);
  }

  @Override
  public ChannelGate gate(int batch, int height, int width, int channels) {
    return new Nd4jChannelGate(batch, height * width, channels);
  }

  @Override
  public RegionCopy copy(Region from, Region to) {
    return (source, target) -> target.get(to.indices()).assign(source.get(from.indices()));
  }

  @Override
  public RowNormalization rowNormalization(long rows, long channels, double epsilon) {
    return new Nd4jRowNormalization(channels, epsilon);
  }

  @Override
  public Attention attention(AttentionShape shape) {
    return new Nd4jAttention(shape);
  }

  @Override
  public INDArray buffer(DataType type, long... shape) {
    return Nd4j.createUninitializedDetached(type, shape);
  }

  @Override
  public Matrices matrices() {
    return new Nd4jMatrices();
  }

  @Override
  public void clear(INDArray array) {
    array.assign(0);
  }

  private static void requireFloat(Precision precision) {
    if (precision != Precision.FLOAT32) {
      throw new UserError(
          "ND4J's kernels cannot compute in " + precision,
          "precision of the plan",
          "use precision = float32, or oneDNN's kernels on a CPU that has AVX-512 BF16");
    }
  }

  @Override
  public boolean same(INDArray left, INDArray right) {
    return left.eq(right).all();
  }
}
