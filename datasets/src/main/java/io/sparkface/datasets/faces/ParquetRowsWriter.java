package io.sparkface.datasets.faces;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;

/**
 * Writes one Parquet file, a row at a time, in small row groups, as a row group is the unit of work
 * on a set. Nothing is compressed: neither encoded pictures nor embeddings have air left.
 *
 * <p>Pages are put together here and not by Parquet's own writer of rows, which copies a picture
 * twice on its way into a page, each time into memory it has just asked for, and compares it with
 * others byte by byte: that was a third of all the work of {@code prepare}.
 */
final class ParquetRowsWriter<T> implements Closeable {
  private static final int PAGE_BYTES = 256 << 10;

  /** The smallest and largest values of pages and row groups are cut to so much. */
  private static final int STATISTICS_BYTES = 64;

  private final ParquetFileWriter file;
  private final Map<String, String> properties;
  private final int rowGroupBytes;
  private final List<ColumnDescriptor> descriptions;
  private final List<ColumnChunk<T>> chunks = new ArrayList<>();
  private int rows;
  private long bytes;

  /**
   * @param schema of the columns
   * @param columns in the schema's order
   */
  ParquetRowsWriter(
      Path path,
      Configuration hadoop,
      MessageType schema,
      List<ParquetColumn<T>> columns,
      int rowGroupBytes,
      Map<String, String> properties)
      throws IOException {
    this.properties = properties;
    this.rowGroupBytes = rowGroupBytes;
    this.descriptions = schema.getColumns();
    for (int i = 0; i < descriptions.size(); i++) {
      ParquetColumn<T> column = columns.get(i);
      if (!column.name().equals(descriptions.get(i).getPath()[0])) {
        throw new IllegalArgumentException("column " + column.name() + " is not number " + i);
      }
      chunks.add(column.chunk(descriptions.get(i).getPrimitiveType()));
    }
    this.file =
        new ParquetFileWriter(
            HadoopOutput.of(path, hadoop),
            schema,
            ParquetFileWriter.Mode.OVERWRITE,
            rowGroupBytes,
            ParquetWriter.MAX_PADDING_SIZE_DEFAULT,
            STATISTICS_BYTES,
            STATISTICS_BYTES,
            // file systems keep sums of their own, and no reader asks for these unless told to
            false);
    file.start();
  }

  void write(T row) throws IOException {
    rows++;
    for (ColumnChunk<T> chunk : chunks) {
      bytes += chunk.add(row);
    }
    if (bytes >= rowGroupBytes) {
      writeRowGroup();
    }
  }

  private void writeRowGroup() throws IOException {
    file.startBlock(rows);
    for (int i = 0; i < chunks.size(); i++) {
      file.startColumn(descriptions.get(i), rows, CompressionCodecName.UNCOMPRESSED);
      writePages(chunks.get(i));
      file.endColumn();
      chunks.get(i).clear();
    }
    file.endBlock();
    rows = 0;
    bytes = 0;
  }

  private void writePages(ColumnChunk<T> chunk) throws IOException {
    for (int from = 0, to; from < rows; from = to) {
      int size = chunk.size(from);
      for (to = from + 1; to < rows && size + chunk.size(to) <= PAGE_BYTES; to++) {
        size += chunk.size(to);
      }
      Statistics<?> statistics = Statistics.createStats(chunk.type());
      chunk.addTo(statistics, from, to);
      file.writeDataPage(
          to - from,
          size,
          chunk.page(from, to),
          statistics,
          to - from,
          // there are no levels in columns that are required
          Encoding.BIT_PACKED,
          Encoding.BIT_PACKED,
          Encoding.PLAIN);
    }
  }

  @Override
  public void close() throws IOException {
    if (rows > 0) {
      writeRowGroup();
    }
    file.end(properties);
  }
}
