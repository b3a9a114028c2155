package io.sparkface.models.interop;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Numbers of a stranger's file, whatever type they had there, row by row.
 *
 * @param shape sizes of the axes; a scalar has none
 * @param values as many as the shape says
 */
public record Tensor(long[] shape, float[] values) {
  public Tensor {
    if (count(shape) != values.length) {
      throw new IllegalArgumentException(
          values.length + " values do not fill " + Arrays.toString(shape));
    }
  }

  /** Whether the axes have these sizes; -1 fits any. */
  public boolean hasShape(long... sizes) {
    boolean fits = shape.length == sizes.length;
    for (int i = 0; fits && i < sizes.length; i++) {
      fits = sizes[i] == -1 || sizes[i] == shape[i];
    }
    return fits;
  }

  /** The shape in words, as 64x3x3x3. */
  public String sizes() {
    return shape.length == 0
        ? "a single number"
        : Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining("x"));
  }

  /** The same numbers with the axes in another order: axis i of the result is {@code axes[i]}. */
  public Tensor permuted(int... axes) {
    int rank = shape.length;
    long[] permuted = new long[rank];
    int[] steps = new int[rank];
    int step = 1;
    for (int i = rank - 1; i >= 0; i--) {
      steps[i] = step;
      step *= (int) shape[i];
    }
    int[] stepOf = new int[rank];
    for (int i = 0; i < rank; i++) {
      permuted[i] = shape[axes[i]];
      stepOf[i] = steps[axes[i]];
    }
    float[] moved = new float[values.length];
    int[] at = new int[rank];
    int from = 0;
    for (int to = 0; to < moved.length; to++) {
      moved[to] = values[from];
      for (int axis = rank - 1; axis >= 0; axis--) {
        from += stepOf[axis];
        if (++at[axis] < permuted[axis]) {
          break;
        }
        from -= (int) permuted[axis] * stepOf[axis];
        at[axis] = 0;
      }
    }
    return new Tensor(permuted, moved);
  }

  /** The same numbers under other sizes. */
  public Tensor reshaped(long... sizes) {
    return new Tensor(sizes, values);
  }

  /**
   * Numbers of a shape.
   *
   * @throws ArithmeticException when they are too many to hold, or a size is negative
   */
  public static int count(long... shape) {
    long count = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new ArithmeticException("negative size");
      }
      count = Math.multiplyExact(count, size);
    }
    return Math.toIntExact(count);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && Arrays.equals(shape, that.shape)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "Tensor " + sizes();
  }
}
