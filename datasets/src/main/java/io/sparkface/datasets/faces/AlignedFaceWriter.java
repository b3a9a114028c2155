package io.sparkface.datasets.faces;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Writes one Parquet file of aligned faces. */
public final class AlignedFaceWriter implements Closeable {
  private final ParquetRowsWriter<AlignedFace> rows;

  public AlignedFaceWriter(Path path, Configuration hadoop) throws IOException {
    this.rows =
        new ParquetRowsWriter<>(
            path, hadoop, AlignedFace.SCHEMA, columns(), FaceFileWriter.ROW_GROUP_BYTES, Map.of());
  }

  /** Appends a row. */
  public void write(AlignedFace row) throws IOException {
    rows.write(row);
  }

  private static List<ParquetColumn<AlignedFace>> columns() {
    List<ParquetColumn<AlignedFace>> columns = new ArrayList<>();
    for (ParquetColumn<FaceRecord> column : FaceFileWriter.COLUMNS) {
      columns.add(column.of(AlignedFace::face));
    }
    columns.add(ParquetColumn.text(AlignedFace.PHOTO, AlignedFace::photo));
    columns.add(ParquetColumn.ints(AlignedFace.FACE, AlignedFace::index));
    for (int i = 0; i < AlignedFace.NUMBERS.size(); i++) {
      int number = i;
      columns.add(ParquetColumn.floats(AlignedFace.NUMBERS.get(i), row -> row.numbers()[number]));
    }
    return columns;
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
