package io.sparkface.pipeline.input;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Which images make up one step: little enough to be sent to whoever reads them.
 *
 * @param epoch from 0, over all stages
 * @param step from 0, within the epoch
 * @param rows the images, in the order they have in the batch
 */
public record BatchDescriptor(int epoch, long step, ArrayList<RowRef> rows)
    implements Serializable {
  public BatchDescriptor(int epoch, long step, List<RowRef> rows) {
    this(epoch, step, new ArrayList<>(rows));
  }

  /** Images in the batch. */
  public int size() {
    return rows.size();
  }

  /** Row groups the images come from, ascending. */
  public List<Integer> rowGroups() {
    TreeSet<Integer> found = new TreeSet<>();
    rows.forEach(row -> found.add(row.group()));
    return List.copyOf(found);
  }
}
