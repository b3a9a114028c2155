package io.sparkface.pipeline.input;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.Labels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

/**
 * Batches for triplet losses (spec 2.9): each consecutive k images are of one identity. Every epoch
 * each identity's images are shuffled and cut into groups of k, what is left over is left out, and
 * all groups are shuffled. Identities of less than k images are not trained on.
 *
 * <p>Images of a batch lie all over the set, so that a set larger than the reader's memory is read
 * many times over.
 */
public final class GroupedOrder implements BatchOrder {
  private static final long serialVersionUID = 1L;
  private static final int LEAST_GROUP = 4;

  private final ArrayList<List<RowRef>> identities = new ArrayList<>();
  private final int groupSize;
  private final int groupsPerBatch;
  private final long seed;
  private final long steps;

  /**
   * @param batchSize brought down to a multiple of k
   * @param imagesPerIdentity k, at least 4
   * @throws UserError when there is not one batch
   */
  public GroupedOrder(Labels labels, int batchSize, int imagesPerIdentity, long seed) {
    this.groupSize = groupSize(imagesPerIdentity);
    this.groupsPerBatch = batchSize / groupSize;
    this.seed = seed;
    List<List<RowRef>> all = new ArrayList<>();
    for (int i = 0; i < labels.identities(); i++) {
      all.add(new ArrayList<>());
    }
    for (int group = 0; group < labels.groups().size(); group++) {
      int[] rows = labels.groups().get(group);
      for (int row = 0; row < rows.length; row++) {
        all.get(rows[row]).add(new RowRef(group, row));
      }
    }
    long groups = 0;
    for (List<RowRef> identity : all) {
      if (identity.size() >= groupSize) {
        identities.add(identity);
        groups += identity.size() / groupSize;
      }
    }
    this.steps = groupsPerBatch == 0 ? 0 : groups / groupsPerBatch;
    if (steps == 0) {
      throw new UserError(
          "there are " + groups + " groups of " + groupSize + " images of one identity",
          "data.batch-size " + batchSize,
          "choose a batch of at least " + groupSize + " and at most the images in these groups");
    }
  }

  /** k. */
  public static int groupSize(int imagesPerIdentity) {
    return Math.max(LEAST_GROUP, imagesPerIdentity);
  }

  @Override
  public int together() {
    return groupSize;
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public Iterator<BatchDescriptor> epoch(int epoch) {
    Random random = new Random(Seeds.of(seed, epoch));
    List<List<RowRef>> groups = new ArrayList<>();
    for (List<RowRef> identity : identities) {
      List<RowRef> shuffled = new ArrayList<>(identity);
      Collections.shuffle(shuffled, random);
      for (int from = 0; from + groupSize <= shuffled.size(); from += groupSize) {
        groups.add(shuffled.subList(from, from + groupSize));
      }
    }
    Collections.shuffle(groups, random);
    return new Iterator<>() {
      private int step;

      @Override
      public boolean hasNext() {
        return step < steps;
      }

      @Override
      public BatchDescriptor next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        List<RowRef> rows = new ArrayList<>();
        int first = step * groupsPerBatch;
        groups.subList(first, first + groupsPerBatch).forEach(rows::addAll);
        return new BatchDescriptor(epoch, step++, rows);
      }
    };
  }
}
