package io.sparkface.datasets.faces;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** One Parquet file of a face set. */
public final class FaceFile implements Closeable {
  private final ParquetRows<FaceRecord> rows;

  private FaceFile(ParquetRows<FaceRecord> rows) {
    this.rows = rows;
  }

  /**
   * @throws io.sparkface.base.UserError when it is no Parquet file with the columns of a face set
   */
  public static FaceFile open(Path path, Configuration hadoop) throws IOException {
    return new FaceFile(new ParquetRows<>(path, hadoop, FaceSchema.FACES, FaceSchema::face));
  }

  public int rowGroupCount() {
    return rows.rowGroupCount();
  }

  public long rows(int rowGroup) {
    return rows.rows(rowGroup);
  }

  /** All images of a row group, in its order. */
  public List<FaceRecord> read(int rowGroup) throws IOException {
    return rows.read(rowGroup);
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
