package io.sparkface.pipeline.input;

import io.sparkface.pipeline.metrics.JobMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The batches of an epoch, or of the rest of it, in order; a thread reads a few of them ahead of
 * the network.
 */
public final class EpochBatches implements Iterator<FaceBatch>, AutoCloseable {
  private static final int AHEAD = 3;

  private final BatchReader source;
  private final Iterator<BatchDescriptor> descriptors;
  private final BlockingQueue<FaceBatch> queue = new ArrayBlockingQueue<>(AHEAD);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread reader;
  private long left;

  /**
   * @param source reads the batches; no one else may use it until this is closed
   * @param first steps of the epoch that are left out at its beginning
   * @param steps of the epoch, the left-out ones included
   */
  public EpochBatches(BatchReader source, BatchOrder order, int epoch, long first, long steps) {
    this.source = source;
    this.descriptors = order.epoch(epoch);
    for (long i = 0; i < first; i++) {
      descriptors.next();
    }
    this.left = steps - first;
    this.reader = new Thread(this::read, "batches-epoch-" + epoch);
    reader.setDaemon(true);
    reader.start();
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public FaceBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    JobMetrics.ready(queue.size());
    try {
      FaceBatch batch = null;
      while (batch == null) {
        boolean over = !reader.isAlive();
        batch = queue.poll(over ? 0 : 200, TimeUnit.MILLISECONDS);
        if (batch == null && over) {
          throw failed();
        }
      }
      left--;
      return batch;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a batch", e);
    }
  }

  private RuntimeException failed() {
    Throwable cause = failure.get();
    if (cause instanceof RuntimeException known) {
      return known;
    }
    return new IllegalStateException(left + " batches of the epoch are missing", cause);
  }

  @Override
  public void close() {
    reader.interrupt();
    queue.clear();
    try {
      reader.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try {
      for (long i = left; i > 0; i--) {
        queue.put(source.read(descriptors.next()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      failure.set(new UncheckedIOException(e));
    } catch (RuntimeException | Error e) {
      failure.set(e);
    }
  }
}
