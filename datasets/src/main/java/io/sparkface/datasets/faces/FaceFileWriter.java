package io.sparkface.datasets.faces;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Writes one Parquet file of a face set, in row groups of {@value #ROW_GROUP_BYTES} bytes. */
public final class FaceFileWriter implements Closeable {
  static final int ROW_GROUP_BYTES = 4 << 20;

  static final List<ParquetColumn<FaceRecord>> COLUMNS =
      List.of(
          ParquetColumn.text(FaceSchema.IDENTITY, FaceRecord::identity),
          ParquetColumn.ints(FaceSchema.LABEL, FaceRecord::label),
          ParquetColumn.longs(FaceSchema.KEY, FaceRecord::key),
          ParquetColumn.bytes(FaceSchema.IMAGE, FaceRecord::image),
          ParquetColumn.ints(FaceSchema.WIDTH, FaceRecord::width),
          ParquetColumn.ints(FaceSchema.HEIGHT, FaceRecord::height),
          ParquetColumn.text(FaceSchema.SOURCE, FaceRecord::source));

  private final ParquetRowsWriter<FaceRecord> rows;

  public FaceFileWriter(Path path, Configuration hadoop) throws IOException {
    this.rows =
        new ParquetRowsWriter<>(path, hadoop, FaceSchema.FACES, COLUMNS, ROW_GROUP_BYTES, Map.of());
  }

  /** Appends a row. */
  public void write(FaceRecord row) throws IOException {
    rows.write(row);
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
