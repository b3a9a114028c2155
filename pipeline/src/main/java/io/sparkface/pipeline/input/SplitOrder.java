package io.sparkface.pipeline.input;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.Labels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.function.IntUnaryOperator;

/**
 * Batches whose images are all of one part of the identities, the parts in turn (spec 2.8). Every
 * part has as many batches as the smallest.
 */
public final class SplitOrder implements BatchOrder {
  private static final long serialVersionUID = 1L;

  private final ArrayList<ArrayList<RowRef>> parts = new ArrayList<>();
  private final int batchSize;
  private final long seed;
  private final long batchesPerPart;

  /**
   * @param parts how many
   * @param partOf the part of a label
   * @throws UserError when a part holds less than one batch
   */
  public SplitOrder(Labels labels, int parts, IntUnaryOperator partOf, int batchSize, long seed) {
    this.batchSize = batchSize;
    this.seed = seed;
    for (int part = 0; part < parts; part++) {
      this.parts.add(new ArrayList<>());
    }
    for (int group = 0; group < labels.groups().size(); group++) {
      int[] rows = labels.groups().get(group);
      for (int row = 0; row < rows.length; row++) {
        this.parts.get(partOf.applyAsInt(rows[row])).add(new RowRef(group, row));
      }
    }
    int least = this.parts.stream().mapToInt(List::size).min().orElse(0);
    this.batchesPerPart = least / batchSize;
    if (batchesPerPart == 0) {
      throw new UserError(
          "a part of the identities has " + least + " images, less than one batch of " + batchSize,
          "class-split",
          "lower class-split or data.batch-size");
    }
  }

  @Override
  public long steps() {
    return batchesPerPart * parts.size();
  }

  @Override
  public Iterator<BatchDescriptor> epoch(int epoch) {
    Random random = new Random(Seeds.of(seed, epoch));
    List<List<RowRef>> shuffled = new ArrayList<>();
    for (List<RowRef> part : parts) {
      List<RowRef> rows = new ArrayList<>(part);
      Collections.shuffle(rows, random);
      shuffled.add(rows);
    }
    return new Iterator<>() {
      private long step;

      @Override
      public boolean hasNext() {
        return step < steps();
      }

      @Override
      public BatchDescriptor next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        List<RowRef> part = shuffled.get((int) (step % parts.size()));
        int from = (int) (step / parts.size()) * batchSize;
        return new BatchDescriptor(epoch, step++, part.subList(from, from + batchSize));
      }
    };
  }
}
