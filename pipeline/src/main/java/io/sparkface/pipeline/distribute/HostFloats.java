package io.sparkface.pipeline.distribute;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The memory of a dense float vector on the host, as bytes a channel can send and receive without a
 * copy. On a GPU the values are brought to the host first; {@link #written} says that they changed
 * here.
 */
final class HostFloats {
  private final INDArray vector;
  private final BytePointer memory;
  private final long offset;

  private HostFloats(INDArray vector) {
    this.vector = vector;
    // a buffer's pointer leaves out where a view of it begins
    this.memory = new BytePointer(vector.data().pointer());
    this.offset = vector.offset();
  }

  static HostFloats of(INDArray vector) {
    if (vector.dataType() != DataType.FLOAT || vector.elementWiseStride() != 1) {
      throw new IllegalArgumentException(
          "expected a dense float vector, got " + vector.shapeInfoToString());
    }
    Nd4j.getAffinityManager().ensureLocation(vector, Location.HOST);
    return new HostFloats(vector);
  }

  long length() {
    return vector.length();
  }

  /** Values {@code from} to {@code to} (exclusive), at most 2^29 - 1 of them. */
  ByteBuffer bytes(long from, long to) {
    if (from == to) {
      // JavaCPP takes a limit of 0 for no limit
      return ByteBuffer.allocate(0);
    }
    // not position(): the buffer would begin at the vector's start, and could not reach far
    return memory
        .getPointer(4 * (offset + from))
        .limit(4 * (to - from))
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  /** To be called when values were written through {@link #bytes}. */
  void written() {
    Nd4j.getAffinityManager().tagLocation(vector, Location.HOST);
  }
}
