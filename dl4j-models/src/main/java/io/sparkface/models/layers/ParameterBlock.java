package io.sparkface.models.layers;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * How one layer's parameters lie one after the other in the single array DL4J knows as {@link
 * #KEY}: kernel, bias, gamma and beta, running mean and variance, what the activation learns, and
 * what places mean. One array instead of five saves DL4J's updater most of its work per step.
 */
public final class ParameterBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The name under which DL4J keeps the block of a layer. */
  public static final String KEY = "P";

  private final Map<Part, long[]> shapes = new EnumMap<>(Part.class);
  private final Map<Part, Long> offsets = new EnumMap<>(Part.class);
  private long length;

  /** What a block may hold, in this order. */
  public enum Part {
    /** {@code [kernelHeight, kernelWidth, in / groups, out]}. */
    KERNEL,
    /** {@code [channels]}: added to what the kernel gives. */
    BIAS,
    /** {@code [2, channels]}: gamma, beta. */
    SCALE_SHIFT,
    /** {@code [channels]}: beta of a normalisation without gamma. */
    SHIFT,
    /** {@code [2, channels]}: running mean and variance; not trained, its gradient is zero. */
    STATISTICS,
    /** {@code [kinds * channels]}: what the activation learns. */
    ALPHA,
    /** What is learnt about places on the map, in the layer's own shape. */
    POSITIONS
  }

  ParameterBlock with(Part part, long... shape) {
    shapes.put(part, shape);
    offsets.put(part, length);
    long size = 1;
    for (long axis : shape) {
      size *= axis;
    }
    length += size;
    return this;
  }

  /** Numbers in the whole block. */
  public long length() {
    return length;
  }

  /** The parts this layer has. */
  public Set<Part> parts() {
    return shapes.keySet();
  }

  /** The numbers of a part; 0 for one the layer does not have. */
  public long length(Part part) {
    long[] shape = shapes.get(part);
    if (shape == null) {
      return 0;
    }
    long size = 1;
    for (long axis : shape) {
      size *= axis;
    }
    return size;
  }

  /** A view of a part of {@code block}, or null for a part the layer does not have. */
  public INDArray view(INDArray block, Part part) {
    long[] shape = shapes.get(part);
    return shape == null ? null : flat(block, part).reshape('c', shape);
  }

  /** A part the layer has as one row, a view of {@code block}. */
  INDArray flat(INDArray block, Part part) {
    long from = offsets.get(part);
    return block.reshape(block.length()).get(NDArrayIndex.interval(from, from + length(part)));
  }
}
