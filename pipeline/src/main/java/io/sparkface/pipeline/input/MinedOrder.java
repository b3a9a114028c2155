package io.sparkface.pipeline.input;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Batches of triplets that were mined for an epoch: anchor, a face of its identity, a face of
 * another, and so on. The last, smaller batch is left out.
 */
public final class MinedOrder implements BatchOrder {
  private static final long serialVersionUID = 1L;

  /** Images of a triplet. */
  public static final int TRIPLET = 3;

  private final ArrayList<RowRef> rows;
  private final int batchSize;

  /**
   * @param rows three for each triplet
   * @param batchSize brought down to a multiple of three
   */
  public MinedOrder(List<RowRef> rows, int batchSize) {
    this.rows = new ArrayList<>(rows);
    this.batchSize = batchOf(batchSize);
  }

  /** Steps of an epoch of so many triplets. */
  public static long steps(int triplets, int batchSize) {
    return (long) TRIPLET * triplets / batchOf(batchSize);
  }

  private static int batchOf(int batchSize) {
    return Math.max(batchSize / TRIPLET * TRIPLET, TRIPLET);
  }

  @Override
  public long steps() {
    return rows.size() / batchSize;
  }

  @Override
  public int together() {
    return TRIPLET;
  }

  @Override
  public Iterator<BatchDescriptor> epoch(int epoch) {
    return new Iterator<>() {
      private int step;

      @Override
      public boolean hasNext() {
        return step < steps();
      }

      @Override
      public BatchDescriptor next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int from = step * batchSize;
        return new BatchDescriptor(epoch, step++, rows.subList(from, from + batchSize));
      }
    };
  }
}
