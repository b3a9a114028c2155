package io.sparkface.pipeline.input;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

/**
 * Every image once an epoch: row groups are shuffled, and rows within a window of row groups, so
 * that only a window need be in memory. The last, smaller batch is left out (spec 2.3).
 */
public final class ShuffledOrder implements BatchOrder {
  /** Rows shuffled together, so that images near each other in a file part again. */
  private static final int WINDOW = 2048;

  private final List<RowGroup> groups;
  private final int batchSize;
  private final long seed;
  private final long steps;

  /**
   * @throws UserError when the set holds less than one batch (trap 17)
   */
  public ShuffledOrder(FaceSet faces, int batchSize, long seed) {
    this.groups = faces.rowGroups();
    this.batchSize = batchSize;
    this.seed = seed;
    long rows = faces.manifest().rows();
    if (rows < batchSize) {
      throw new UserError(
          "the set has " + rows + " images, less than one batch of " + batchSize,
          "data.batch-size",
          "lower data.batch-size");
    }
    this.steps = rows / batchSize;
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public Iterator<BatchDescriptor> epoch(int epoch) {
    return new Epoch(epoch);
  }

  private final class Epoch implements Iterator<BatchDescriptor> {
    private final int epoch;
    private final Random random;
    private final List<Integer> order = new ArrayList<>();
    private List<RowRef> window = new ArrayList<>();
    private int nextGroup;
    private int nextRow;
    private long step;

    Epoch(int epoch) {
      this.epoch = epoch;
      this.random = new Random(Seeds.of(seed, epoch));
      for (int i = 0; i < groups.size(); i++) {
        order.add(i);
      }
      Collections.shuffle(order, random);
    }

    @Override
    public boolean hasNext() {
      return step < steps;
    }

    @Override
    public BatchDescriptor next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      while (window.size() - nextRow < batchSize) {
        fill();
      }
      BatchDescriptor batch =
          new BatchDescriptor(epoch, step++, window.subList(nextRow, nextRow + batchSize));
      nextRow += batchSize;
      return batch;
    }

    /** What is left of the window, and row groups up to its size, shuffled. */
    private void fill() {
      window = new ArrayList<>(window.subList(nextRow, window.size()));
      nextRow = 0;
      while (window.size() < WINDOW && nextGroup < order.size()) {
        int group = order.get(nextGroup++);
        for (int row = 0; row < groups.get(group).rows(); row++) {
          window.add(new RowRef(group, row));
        }
      }
      Collections.shuffle(window, random);
    }
  }
}
