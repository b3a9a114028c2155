package io.sparkface.models.kernels;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Prepares the operations of a network for fixed shapes. All arrays are dense, c-ordered and NHWC
 * (or one row per sample); a prepared operation belongs to one replica and is used by one thread at
 * a time, but not always by the same one.
 */
public interface Kernels {
  /** The kernels this process uses for networks of a data type. */
  static Kernels forType(DataType type) {
    return KernelChoice.of(type);
  }

  /**
   * Convolution, grouped or not, without bias.
   *
   * @throws io.sparkface.base.UserError for a precision these kernels do not have
   */
  Convolution convolution(ConvolutionShape shape, Precision precision);

  /** Batch normalisation followed by an activation, with batch statistics. */
  Normalization normalization(NormalizationShape shape);

  /** Convolution, scale, shift and activation in one, for inference. */
  FoldedConvolution foldedConvolution(
      ConvolutionShape shape, Activation activation, Precision precision);

  /**
   * Convolution, scale and shift added to what the output holds already, and the activation of that
   * sum, for inference.
   *
   * @param activation one that learns nothing
   */
  FoldedConvolution addingConvolution(
      ConvolutionShape shape, Activation activation, Precision precision);

  /** Element-wise sum of two arrays of {@code length} elements. */
  Addition addition(long length);

  /** Steps of momentum {@code momentum} for {@code length} weights. */
  Momentum momentum(long length, double momentum);

  /** Mean over height and width. */
  GlobalAverage globalAverage(int batch, int height, int width, int channels);

  /** An activation alone; the shape's epsilon does not matter. */
  ChannelActivation activation(NormalizationShape shape);

  /** Largest or mean value of each window. */
  Pooling pooling(PoolingShape shape);

  /** Multiplication of every channel of every image with a number. */
  ChannelGate gate(int batch, int height, int width, int channels);

  /** Operations on matrices. */
  Matrices matrices();

  /** Copying a part of one image batch to a part of equal size of another. */
  RegionCopy copy(Region from, Region to);

  /** Normalisation of each of {@code rows} by itself. */
  RowNormalization rowNormalization(long rows, long channels, double epsilon);

  /** Self-attention between the places of an image. */
  Attention attention(AttentionShape shape);

  /**
   * A new array outside all workspaces, for state that an operation keeps between calls; its
   * elements are not initialised.
   */
  INDArray buffer(DataType type, long... shape);

  /** Writes zeros. */
  void clear(INDArray array);

  /** Whether two dense arrays of equal length hold the same values; never true for NaN. */
  boolean same(INDArray left, INDArray right);
}
