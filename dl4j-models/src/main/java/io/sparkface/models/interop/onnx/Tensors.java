package io.sparkface.models.interop.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.LongStream;
import onnx.OnnxMl.TensorProto;
import onnx.OnnxMl.TensorProto.DataType;
import org.nd4j.shade.protobuf.ByteString;

/** Values to ONNX tensors and back. */
final class Tensors {
  private Tensors() {}

  static TensorProto floats(String name, float[] values, long... shape) {
    ByteBuffer bytes = little(4L * values.length);
    bytes.asFloatBuffer().put(values);
    return raw(name, DataType.FLOAT, bytes, shape);
  }

  static TensorProto longs(String name, long[] values, long... shape) {
    ByteBuffer bytes = little(8L * values.length);
    bytes.asLongBuffer().put(values);
    return raw(name, DataType.INT64, bytes, shape);
  }

  static TensorProto ints(String name, int[] values, long... shape) {
    ByteBuffer bytes = little(4L * values.length);
    bytes.asIntBuffer().put(values);
    return raw(name, DataType.INT32, bytes, shape);
  }

  static TensorProto bytes(String name, DataType type, byte[] values, long... shape) {
    return raw(name, type, ByteBuffer.wrap(values), shape);
  }

  static TensorProto halves(String name, short[] values, long... shape) {
    ByteBuffer bytes = little(2L * values.length);
    bytes.asShortBuffer().put(values);
    return raw(name, DataType.FLOAT16, bytes, shape);
  }

  private static ByteBuffer little(long size) {
    return ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static TensorProto raw(String name, DataType type, ByteBuffer values, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
    LongStream.of(shape).forEach(tensor::addDims);
    return tensor.setRawData(ByteString.copyFrom(values.array())).build();
  }

  static long[] shape(TensorProto tensor) {
    return tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
  }

  static boolean isFloat(TensorProto tensor) {
    return tensor.getDataType() == DataType.FLOAT.getNumber();
  }

  /** Whether a float32 tensor has as many values as its shape says. */
  static boolean isWhole(TensorProto tensor) {
    long count = 1;
    for (long size : tensor.getDimsList()) {
      if (size < 0 || size > Integer.MAX_VALUE || count * size > Integer.MAX_VALUE) {
        return false;
      }
      count *= size;
    }
    long held =
        tensor.getRawData().isEmpty() ? tensor.getFloatDataCount() : tensor.getRawData().size() / 4;
    return held == count;
  }

  /** The values of a float32 tensor. */
  static float[] floats(TensorProto tensor) {
    if (!tensor.getRawData().isEmpty()) {
      float[] values = new float[tensor.getRawData().size() / 4];
      tensor
          .getRawData()
          .asReadOnlyByteBuffer()
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values);
      return values;
    }
    float[] values = new float[tensor.getFloatDataCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.getFloatData(i);
    }
    return values;
  }
}
