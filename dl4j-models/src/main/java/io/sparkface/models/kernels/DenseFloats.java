package io.sparkface.models.kernels;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where the elements of a dense, c-ordered float array lie. */
final class DenseFloats {
  private DenseFloats() {}

  /** The address of the first element; a view's own offset is not part of its buffer's address. */
  static long address(INDArray array) {
    if (array.dataType() != DataType.FLOAT || !dense(array)) {
      throw new IllegalArgumentException(
          "oneDNN needs dense c-ordered floats, got " + array.shapeInfoToString());
    }
    return array.data().address() + array.offset() * Float.BYTES;
  }

  static BytePointer pointer(INDArray array) {
    return new Place(address(array), array.length() * Float.BYTES);
  }

  static BytePointer pointer(long address, long floats) {
    return new Place(address, floats * Float.BYTES);
  }

  static FloatBuffer floats(INDArray array) {
    return bytes(array).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  static ByteBuffer bytes(INDArray array) {
    return pointer(array).asByteBuffer();
  }

  /** ND4J's own check refuses dense arrays with axes of size 1, whose strides do not matter. */
  private static boolean dense(INDArray array) {
    long expected = 1;
    for (int axis = array.rank() - 1; axis >= 0; axis--) {
      long size = array.size(axis);
      if (size != 1 && array.stride(axis) != expected) {
        return false;
      }
      expected *= size;
    }
    return true;
  }

  /** A pointer that owns nothing. */
  private static final class Place extends BytePointer {
    Place(long address, long bytes) {
      super((Pointer) null);
      this.address = address;
      this.limit = bytes;
      this.capacity = bytes;
    }
  }
}
