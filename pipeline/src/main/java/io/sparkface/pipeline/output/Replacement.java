package io.sparkface.pipeline.output;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A file or directory that another one takes the place of, where no file system can swap the two:
 * the old one is moved aside under a hidden name, the new one moved in, and the old one deleted
 * only then. So at no moment does its name stand for a part of it, as it would while a directory is
 * deleted, and one of the two is whole on disk at every moment.
 */
public record Replacement(FileSystem fs, Path target) {
  /** Writes the content of a file. */
  public interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes a file under a hidden name and gives it its own when it is whole. */
  public static void write(Path file, Configuration hadoop, Body body) throws IOException {
    new Replacement(file.getFileSystem(hadoop), file).write(body);
  }

  /** Writes the target, a file, under a hidden name and gives it its own when it is whole. */
  public void write(Body body) throws IOException {
    recover();
    Path temporary = new Path(target.getParent(), "." + target.getName() + ".tmp");
    try (OutputStream out = fs.create(temporary, true)) {
      body.writeTo(out);
    }
    by(temporary);
  }

  /**
   * Ends what a killed process left between the two moves: where there is no new one, the old one
   * is back; beside a new one, it goes.
   */
  public void recover() throws IOException {
    if (!fs.exists(aside())) {
      return;
    }
    if (fs.exists(target)) {
      fs.delete(aside(), true);
    } else {
      move(aside(), target);
    }
  }

  /** Puts what is whole, under another name of the same folder, in the target's place. */
  public void by(Path whole) throws IOException {
    recover();
    if (!fs.exists(target)) {
      move(whole, target);
      return;
    }
    move(target, aside());
    move(whole, target);
    fs.delete(aside(), true);
  }

  private Path aside() {
    return new Path(target.getParent(), "." + target.getName() + ".old");
  }

  private void move(Path from, Path to) throws IOException {
    if (!fs.rename(from, to)) {
      throw new IOException("cannot rename " + from + " to " + to);
    }
  }
}
