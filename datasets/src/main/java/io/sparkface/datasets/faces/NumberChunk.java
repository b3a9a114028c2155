package io.sparkface.datasets.faces;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.ToLongFunction;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/** int32, int64 or float, little-endian. */
final class NumberChunk<T> extends ColumnChunk<T> {
  private final ToLongFunction<T> bits;
  private long[] values = new long[256];
  private int count;

  NumberChunk(PrimitiveType type, ToLongFunction<T> bits) {
    super(type);
    this.bits = bits;
  }

  @Override
  int add(T row) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count] = bits.applyAsLong(row);
    return size(count++);
  }

  @Override
  int size(int row) {
    return type().getPrimitiveTypeName() == PrimitiveTypeName.INT64 ? Long.BYTES : Integer.BYTES;
  }

  @Override
  BytesInput page(int from, int to) {
    ByteBuffer page = ByteBuffer.allocate((to - from) * size(from)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i < to; i++) {
      if (size(i) == Long.BYTES) {
        page.putLong(values[i]);
      } else {
        page.putInt((int) values[i]);
      }
    }
    return BytesInput.from(page.array());
  }

  @Override
  void addTo(Statistics<?> statistics, int from, int to) {
    for (int i = from; i < to; i++) {
      switch (type().getPrimitiveTypeName()) {
        case INT32 -> statistics.updateStats((int) values[i]);
        case INT64 -> statistics.updateStats(values[i]);
        case FLOAT -> statistics.updateStats(Float.intBitsToFloat((int) values[i]));
        default -> throw new IllegalStateException("no column of numbers: " + type());
      }
    }
  }

  @Override
  void clear() {
    count = 0;
  }
}
