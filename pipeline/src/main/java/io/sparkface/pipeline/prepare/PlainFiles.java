package io.sparkface.pipeline.prepare;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A file system of one's own that writes nothing beside the files it is asked for: Hadoop's local
 * one puts a hidden file of checksums next to each, which other tools trip over, and which says
 * that a file is damaged when one of them has changed it.
 */
final class PlainFiles {
  private PlainFiles() {}

  /** To be closed by the caller. */
  static FileSystem of(Path path, Configuration hadoop) throws IOException {
    FileSystem fs = FileSystem.newInstance(path.toUri(), hadoop);
    fs.setWriteChecksum(false);
    return fs;
  }
}
