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
 * The local file system with a {@link Disk} that is at fault at its n-th change: a file begun, a
 * file closed, a rename, a file deleted, a directory made. A directory is deleted file by file, the
 * markers last: the order that is worst.
 */
public final class FaultyFileSystem extends LocalFileSystem {
  /** What happens to a process at its changes on disk. */
  interface Disk {
    /** Before each change. */
    void change() throws IOException;

    /** Before everything else that touches the disk. */
    default void touch() throws IOException {}
  }

  /**
   * The process is killed before a change: what was written but not closed is lost, and from then
   * on nothing works any more, so that no {@code finally} cleans up either.
   */
  static final class Killed implements Disk {
    private int stepsLeft;
    private boolean dead;

    /**
     * @param steps changes that the process lives for
     */
    Killed(int steps) {
      stepsLeft = steps;
    }

    @Override
    public synchronized void change() throws IOException {
      dead |= stepsLeft-- == 0;
      touch();
    }

    @Override
    public synchronized void touch() throws IOException {
      if (dead) {
        throw new IOException("killed");
      }
    }

    synchronized boolean happened() {
      return dead;
    }
  }

  /** One change fails; the process lives on, and cleans up if it does. */
  static final class Failing implements Disk {
    private int stepsLeft;

    /**
     * @param steps changes that are made before it
     */
    Failing(int steps) {
      stepsLeft = steps;
    }

    @Override
    public synchronized void change() throws IOException {
      if (stepsLeft-- == 0) {
        throw new IOException("Input/output error");
      }
    }

    synchronized boolean happened() {
      return stepsLeft < 0;
    }
  }

  private static final Disk HEALTHY = () -> {};

  // tasks of local Spark open file systems of their own: they are of the same process
  private static volatile Disk disk = HEALTHY;

  public FaultyFileSystem() {
    super(new Raw());
  }

  /** Settings whose files lie on such a disk, and on no other until {@link #heal}. */
  static Configuration on(Disk faulty, Configuration settings) {
    disk = faulty;
    Configuration changed = new Configuration(settings);
    changed.set("fs.file.impl", FaultyFileSystem.class.getName());
    changed.setBoolean("fs.file.impl.disable.cache", true);
    return changed;
  }

  static void heal() {
    disk = HEALTHY;
  }

  private static final class Raw extends RawLocalFileSystem {
    private FSDataOutputStream faulty(FSDataOutputStream file) throws IOException {
      return new FSDataOutputStream(
          new FilterOutputStream(file) {
            private boolean closed;

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
              disk.touch();
              out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
              if (!closed) {
                closed = true;
                disk.change();
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
      disk.change();
      return faulty(super.create(file, overwrite, buffer, copies, block, progress));
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
      disk.change();
      return faulty(super.create(file, permission, overwrite, buffer, copies, block, progress));
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
      disk.change();
      return super.rename(from, to);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      disk.touch();
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
      disk.change();
      return super.delete(path, recursive);
    }

    @Override
    public boolean mkdirs(Path path) throws IOException {
      disk.touch();
      if (!exists(path)) {
        disk.change();
      }
      return super.mkdirs(path);
    }

    @Override
    public FSDataInputStream open(Path path, int buffer) throws IOException {
      disk.touch();
      return super.open(path, buffer);
    }
  }
}
