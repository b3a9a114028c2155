package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.BatchOrder;
import io.sparkface.pipeline.input.RowRef;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * One worker's part of every step. The batches of an epoch are the same however many workers there
 * are; each is dealt by row group, so that a worker reads only some of the groups that the images
 * of a step come from, and every image is trained on by exactly one worker. Images that belong
 * together are dealt so.
 *
 * @param worker from 0
 * @param workers how many there are
 */
record Share(int worker, int workers) implements Serializable {
  private static final Comparator<RowRef> BY_GROUP =
      Comparator.comparingInt(RowRef::group).thenComparingInt(RowRef::row);

  /** Images of a step of {@code batchSize} that are this worker's. */
  int of(int batchSize) {
    return before(worker + 1, batchSize) - before(worker, batchSize);
  }

  private int before(int index, int batchSize) {
    return (int) ((long) batchSize * index / workers);
  }

  /**
   * This worker's images of {@code batch}.
   *
   * @param together so many next to each other stay together
   */
  BatchDescriptor of(BatchDescriptor batch, int together) {
    if (workers == 1) {
      return batch;
    }
    List<RowRef> dealt =
        together > 1 ? batch.rows() : batch.rows().stream().sorted(BY_GROUP).toList();
    int units = batch.size() / together;
    return new BatchDescriptor(
        batch.epoch(),
        batch.step(),
        dealt.subList(before(worker, units) * together, before(worker + 1, units) * together));
  }

  /** This worker's part of {@code whole}. */
  BatchOrder of(BatchOrder whole) {
    return new BatchOrder() {
      @Override
      public int together() {
        return whole.together();
      }

      @Override
      public long steps() {
        return whole.steps();
      }

      @Override
      public Iterator<BatchDescriptor> epoch(int epoch) {
        Iterator<BatchDescriptor> batches = whole.epoch(epoch);
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return batches.hasNext();
          }

          @Override
          public BatchDescriptor next() {
            return of(batches.next(), whole.together());
          }
        };
      }
    };
  }
}
