package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.BatchOrder;
import io.sparkface.pipeline.input.RowRef;
import io.sparkface.pipeline.input.Seeds;
import java.util.Iterator;

/**
 * Tells apart whether the same images were trained on, in whatever order and by however many
 * workers: the sum, modulo 2^64, of a hash of each image and step. An image that is missing, twice
 * there or in another step changes it, but for a chance of 2^-64.
 */
final class ImageTally {
  private long sum;

  void add(BatchDescriptor batch) {
    for (RowRef row : batch.rows()) {
      sum += Seeds.of(batch.step(), row.group(), row.row());
    }
  }

  long sum() {
    return sum;
  }

  /** What the workers' tallies add up to when each image of {@code input} was trained on once. */
  static long of(WorkOrder.Input input) {
    return of(input.order(), input.epoch(), input.first(), input.end());
  }

  private static long of(BatchOrder order, int epoch, long first, long end) {
    ImageTally tally = new ImageTally();
    Iterator<BatchDescriptor> batches = order.epoch(epoch);
    for (long step = 0; step < end; step++) {
      BatchDescriptor batch = batches.next();
      if (step >= first) {
        tally.add(batch);
      }
    }
    return tally.sum();
  }
}
