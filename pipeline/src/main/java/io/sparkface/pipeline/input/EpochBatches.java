package io.sparkface.pipeline.input;

import io.sparkface.base.Lanes;
import io.sparkface.base.ReadAhead;
import io.sparkface.pipeline.metrics.JobMetrics;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;

/**
 * The batches of an epoch, or of the rest of it, in order. One thread reads rows, and as many as
 * there are cores make batches of them, a few ahead of the network, so that neither the disk nor a
 * core waits: the next batch is begun before the last picture of one is decoded. A batch is there
 * until the next one is asked for: then its memory is used again.
 */
public final class EpochBatches implements Iterator<FaceBatch>, AutoCloseable {
  private static final int ROWS_AHEAD = 2;
  private static final int BATCHES_AHEAD = 2;

  /** Batches that are being made at the same time. */
  private static final int BEGUN = 2;

  private final BatchReader source;
  private final ReadAhead<BatchReader.Rows> rows;
  private final Lanes<Void> lanes;
  private final ReadAhead<FaceBatch> batches;
  private FaceBatch given;
  private long left;

  /**
   * @param source reads the batches; no one else may use it until this is closed
   * @param first steps of the epoch that are left out at its beginning
   * @param steps of the epoch, the left-out ones included
   */
  public EpochBatches(BatchReader source, BatchOrder order, int epoch, long first, long steps) {
    this.source = source;
    this.left = steps - first;
    this.rows =
        new ReadAhead<>(
            "rows-epoch-" + epoch,
            ROWS_AHEAD,
            sink -> {
              Iterator<BatchDescriptor> descriptors = order.epoch(epoch);
              for (long i = 0; i < steps; i++) {
                BatchDescriptor next = descriptors.next();
                if (i >= first) {
                  sink.put(source.rows(next));
                }
              }
            });
    this.lanes = Lanes.ofCores("pictures-epoch-" + epoch);
    this.batches = new ReadAhead<>("batches-epoch-" + epoch, BATCHES_AHEAD, this::make);
  }

  private void make(ReadAhead.Sink<FaceBatch> sink) throws InterruptedException {
    Queue<BatchReader.Begun> begun = new ArrayDeque<>();
    while (more(begun, sink)) {
      begun.add(source.begin(rows.next(), lanes));
      if (begun.size() == BEGUN) {
        sink.put(source.finish(begun.remove()));
      }
    }
    finish(begun, sink);
  }

  /** Where rows cannot be read, the batches before them are given all the same. */
  private boolean more(Queue<BatchReader.Begun> begun, ReadAhead.Sink<FaceBatch> sink)
      throws InterruptedException {
    try {
      return rows.hasNext();
    } catch (RuntimeException e) {
      finish(begun, sink);
      throw e;
    }
  }

  private void finish(Queue<BatchReader.Begun> begun, ReadAhead.Sink<FaceBatch> sink)
      throws InterruptedException {
    while (!begun.isEmpty()) {
      sink.put(source.finish(begun.remove()));
    }
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
    JobMetrics.ready(batches.ready());
    if (given != null) {
      source.recycle(given);
    }
    given = batches.next();
    left--;
    return given;
  }

  @Override
  public void close() {
    batches.close();
    rows.close();
    lanes.close();
  }
}
