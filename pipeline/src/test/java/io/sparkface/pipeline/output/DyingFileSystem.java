package io.sparkface.pipeline.output;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system of a process that is killed before its n-th change on disk: a file begun, a
 * file closed, a rename, a file deleted, a directory made. What was written but not closed is lost,
 * and from then on nothing works any more, so that no {@code finally} cleans up either. A directory
 * is deleted file by file, the markers last: the order that is worst.
 */
public final class DyingFileSystem extends LocalFileSystem {
  /** What a call gets after the kill. */
  static final class Killed extends IOException {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed");
    }
  }

  // tasks of local Spark open file systems of their own: they are of the same process
  private static volatile int stepsLeft = Integer.MAX_VALUE;
  private static volatile boolean dead;

  public DyingFileSystem() {
    super(new Raw());
  }

  /** Settings whose files lie on this file system. */
  public static Configuration in(Configuration settings) {
    Configuration mortal = new Configuration(settings);
    mortal.set("fs.file.impl", DyingFileSystem.class.getName());
    mortal.setBoolean("fs.file.impl.disable.cache", true);
    return mortal;
  }

  /** Lets the process live for {@code steps} changes. */
  static void dieAfter(int steps) {
    stepsLeft = steps;
    dead = false;
  }

  static boolean hasDied() {
    return dead;
  }

  private static void step() throws IOException {
    synchronized (DyingFileSystem.class) {
      if (dead || stepsLeft == 0) {
        dead = true;
        throw new Killed();
      }
      stepsLeft--;
    }
  }

  private static void alive() throws IOException {
    if (dead) {
      throw new Killed();
    }
  }

  private static final class Raw extends RawLocalFileSystem {
    private FSDataOutputStream mortal(FSDataOutputStream file) throws IOException {
      return new FSDataOutputStream(
          new FilterOutputStream(file) {
            private boolean closed;

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
              alive();
              out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
              if (!closed) {
                closed = true;
                step();
                out.close();
              }
            }
          },
          statistics);
    }

    @Override
    public FSDataOutputStream create(
        Path file, boolean overwrite, int buffer, short copies, long block, Progressable progress)
        throws IOException {
      step();
      return mortal(super.create(file, overwrite, buffer, copies, block, progress));
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        FsPermission permission,
        boolean overwrite,
        int buffer,
        short copies,
        long block,
        Progressable progress)
        throws IOException {
      step();
      return mortal(super.create(file, permission, overwrite, buffer, copies, block, progress));
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
      step();
      return super.rename(from, to);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      alive();
      if (!exists(path)) {
        return false;
      }
      if (recursive && getFileStatus(path).isDirectory()) {
        FileStatus[] content = listStatus(path);
        Arrays.sort(content, Comparator.comparing(FileStatus::getPath).reversed());
        for (FileStatus file : content) {
          delete(file.getPath(), true);
        }
      }
      step();
      return super.delete(path, recursive);
    }

    @Override
    public boolean mkdirs(Path path) throws IOException {
      alive();
      if (!exists(path)) {
        step();
      }
      return super.mkdirs(path);
    }

    @Override
    public FSDataInputStream open(Path path, int buffer) throws IOException {
      alive();
      return super.open(path, buffer);
    }
  }
}
