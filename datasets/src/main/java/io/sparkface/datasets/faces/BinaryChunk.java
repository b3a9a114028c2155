package io.sparkface.datasets.faces;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType;

/** Each value's length as int32, little-endian, and then its bytes. */
final class BinaryChunk<T> extends ColumnChunk<T> {
  private final Function<T, byte[]> value;
  private final List<byte[]> values = new ArrayList<>();

  BinaryChunk(PrimitiveType type, Function<T, byte[]> value) {
    super(type);
    this.value = value;
  }

  @Override
  int add(T row) {
    values.add(value.apply(row));
    return size(values.size() - 1);
  }

  @Override
  int size(int row) {
    return Integer.BYTES + values.get(row).length;
  }

  @Override
  BytesInput page(int from, int to) {
    return new Page(values.subList(from, to));
  }

  /**
   * Compared as Parquet does, but many bytes at a time: JPEGs begin with hundreds of equal ones.
   */
  @Override
  void addTo(Statistics<?> statistics, int from, int to) {
    byte[] least = values.get(from);
    byte[] most = least;
    for (byte[] bytes : values.subList(from, to)) {
      least = Arrays.compareUnsigned(bytes, least) < 0 ? bytes : least;
      most = Arrays.compareUnsigned(bytes, most) > 0 ? bytes : most;
    }
    statistics.updateStats(Binary.fromConstantByteArray(least));
    statistics.updateStats(Binary.fromConstantByteArray(most));
  }

  @Override
  void clear() {
    values.clear();
  }

  /** Values that are not copied before they are written. */
  private static final class Page extends BytesInput {
    private final List<byte[]> values;

    Page(List<byte[]> values) {
      this.values = values;
    }

    @Override
    public void writeAllTo(OutputStream out) throws IOException {
      ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (byte[] bytes : values) {
        out.write(length.putInt(0, bytes.length).array());
        out.write(bytes);
      }
    }

    @Override
    public long size() {
      return values.stream().mapToLong(bytes -> Integer.BYTES + bytes.length).sum();
    }
  }
}
