package io.sparkface.pipeline.train;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A wish to end the run after the step that is being computed: a file {@value #FILE} in the run
 * directory, or SIGTERM. The process that got the signal ends when the checkpoint is written.
 */
final class StopRequest implements AutoCloseable {
  static final String FILE = "STOP";
  private static final Logger LOG = LoggerFactory.getLogger(StopRequest.class);

  /** Before Spark's hook (50) and that of the file systems (10), which would close under us. */
  private static final int PRIORITY = 100;

  private static final long MOST_MINUTES = 10;

  private final Path file;
  private final FileSystem fs;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable hook = this::terminate;
  private volatile boolean requested;

  private StopRequest(Path file, FileSystem fs) {
    this.file = file;
    this.fs = fs;
  }

  /** Begins to watch; closed when nothing is left to be written. */
  static StopRequest watch(Path run, Configuration hadoop) throws IOException {
    StopRequest request = new StopRequest(new Path(run, FILE), run.getFileSystem(hadoop));
    ShutdownHookManager.get()
        .addShutdownHook(request.hook, PRIORITY, MOST_MINUTES, TimeUnit.MINUTES);
    return request;
  }

  /** Whether the run shall end now. */
  boolean made() {
    if (!requested) {
      try {
        requested = fs.exists(file);
      } catch (IOException e) {
        LOG.warn("cannot look for {}: {}", file, e.getMessage());
      }
    }
    return requested;
  }

  private void terminate() {
    requested = true;
    LOG.info("asked to end: finishing the step and writing a checkpoint");
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Removes the file, so that the run can be started again, and lets the process end. */
  @Override
  public void close() throws IOException {
    try {
      if (requested) {
        fs.delete(file, false);
      }
    } finally {
      ended.countDown();
      if (!ShutdownHookManager.get().isShutdownInProgress()) {
        ShutdownHookManager.get().removeShutdownHook(hook);
      }
    }
  }
}
