package io.sparkface.datasets.faces;

import io.sparkface.datasets.verification.FacePair;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * One Parquet file of verification pairs: {@code index}, {@code same}, {@code first}, {@code
 * second}.
 */
public final class PairFile implements Closeable {
  private final ParquetRows<FacePair> rows;

  private PairFile(ParquetRows<FacePair> rows) {
    this.rows = rows;
  }

  /**
   * @throws io.sparkface.base.UserError when it is no Parquet file with the columns of a pair set
   */
  public static PairFile open(Path path, Configuration hadoop) throws IOException {
    return new PairFile(
        new ParquetRows<>(
            path,
            hadoop,
            FaceSchema.PAIRS,
            row ->
                new FacePair(
                    row.getInteger("index", 0),
                    row.getBinary("first", 0).getBytes(),
                    row.getBinary("second", 0).getBytes(),
                    row.getBoolean("same", 0))));
  }

  public int rowGroupCount() {
    return rows.rowGroupCount();
  }

  public List<FacePair> read(int rowGroup) throws IOException {
    return rows.read(rowGroup);
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
