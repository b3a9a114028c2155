package io.sparkface.datasets.faces;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/** Writes one Parquet file of a face set, in row groups of {@value #ROW_GROUP_BYTES} bytes. */
public final class FaceFileWriter implements Closeable {
  static final int ROW_GROUP_BYTES = 4 << 20;

  private final ParquetRowsWriter<FaceRecord> rows;

  public FaceFileWriter(Path path, Configuration hadoop) throws IOException {
    this.rows =
        new ParquetRowsWriter<>(
            path, hadoop, FaceSchema.FACES, ROW_GROUP_BYTES, Map.of(), FaceFileWriter::put);
  }

  /** Appends a row. */
  public void write(FaceRecord row) throws IOException {
    rows.write(row);
  }

  static void put(FaceRecord row, RecordConsumer out) {
    out.startField(FaceSchema.IDENTITY, 0);
    out.addBinary(Binary.fromString(row.identity()));
    out.endField(FaceSchema.IDENTITY, 0);
    out.startField(FaceSchema.LABEL, 1);
    out.addInteger(row.label());
    out.endField(FaceSchema.LABEL, 1);
    out.startField(FaceSchema.KEY, 2);
    out.addLong(row.key());
    out.endField(FaceSchema.KEY, 2);
    out.startField(FaceSchema.IMAGE, 3);
    out.addBinary(Binary.fromConstantByteArray(row.image()));
    out.endField(FaceSchema.IMAGE, 3);
    out.startField(FaceSchema.WIDTH, 4);
    out.addInteger(row.width());
    out.endField(FaceSchema.WIDTH, 4);
    out.startField(FaceSchema.HEIGHT, 5);
    out.addInteger(row.height());
    out.endField(FaceSchema.HEIGHT, 5);
    out.startField(FaceSchema.SOURCE, 6);
    out.addBinary(Binary.fromString(row.source()));
    out.endField(FaceSchema.SOURCE, 6);
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
