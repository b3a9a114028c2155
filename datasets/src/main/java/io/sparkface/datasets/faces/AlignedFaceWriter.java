package io.sparkface.datasets.faces;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/** Writes one Parquet file of aligned faces. */
public final class AlignedFaceWriter implements Closeable {
  private final ParquetRowsWriter<AlignedFace> rows;

  public AlignedFaceWriter(Path path, Configuration hadoop) throws IOException {
    this.rows =
        new ParquetRowsWriter<>(
            path,
            hadoop,
            AlignedFace.SCHEMA,
            FaceFileWriter.ROW_GROUP_BYTES,
            Map.of(),
            AlignedFaceWriter::put);
  }

  /** Appends a row. */
  public void write(AlignedFace row) throws IOException {
    rows.write(row);
  }

  private static void put(AlignedFace row, RecordConsumer out) {
    FaceFileWriter.put(row.face(), out);
    int field = FaceSchema.FACES.getFieldCount();
    out.startField(AlignedFace.PHOTO, field);
    out.addBinary(Binary.fromString(row.photo()));
    out.endField(AlignedFace.PHOTO, field++);
    out.startField(AlignedFace.FACE, field);
    out.addInteger(row.index());
    out.endField(AlignedFace.FACE, field++);
    for (int i = 0; i < AlignedFace.NUMBERS.size(); i++) {
      out.startField(AlignedFace.NUMBERS.get(i), field);
      out.addFloat(row.numbers()[i]);
      out.endField(AlignedFace.NUMBERS.get(i), field++);
    }
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
