package io.sparkface.datasets.faces;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** As Parquet's own, which asks for a buffer of 4 KiB whatever is configured. */
record HadoopOutput(Path path, FileSystem fs, HadoopOutputFile own) implements OutputFile {
  private static final int BUFFER = 64 << 10;

  static HadoopOutput of(Path path, Configuration hadoop) throws IOException {
    return new HadoopOutput(
        path, path.getFileSystem(hadoop), HadoopOutputFile.fromPath(path, hadoop));
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) throws IOException {
    return createOrOverwrite(blockSizeHint);
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
    return HadoopStreams.wrap(
        fs.create(
            path,
            true,
            BUFFER,
            fs.getDefaultReplication(path),
            Math.max(fs.getDefaultBlockSize(path), blockSizeHint)));
  }

  @Override
  public boolean supportsBlockSize() {
    return own.supportsBlockSize();
  }

  @Override
  public long defaultBlockSize() {
    return own.defaultBlockSize();
  }
}
