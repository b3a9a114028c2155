package io.sparkface.datasets.faces;

import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;

/**
 * A column's values of the row group that is being put together, in PLAIN encoding.
 *
 * @param <T> a row
 */
abstract sealed class ColumnChunk<T> permits NumberChunk, BinaryChunk {
  private final PrimitiveType type;

  ColumnChunk(PrimitiveType type) {
    this.type = type;
  }

  final PrimitiveType type() {
    return type;
  }

  /** Takes the value of the next row; returns its bytes in the file. */
  abstract int add(T row);

  /** Bytes in the file of the value of a row of the row group. */
  abstract int size(int row);

  /** The values of rows {@code from} up to {@code to}. */
  abstract BytesInput page(int from, int to);

  /** Adds the same to a page's smallest and largest. */
  abstract void addTo(Statistics<?> statistics, int from, int to);

  /** Makes room for the next row group. */
  abstract void clear();
}
