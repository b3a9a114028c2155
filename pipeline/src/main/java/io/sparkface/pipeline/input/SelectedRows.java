package io.sparkface.pipeline.input;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.Labels;
import io.sparkface.datasets.faces.RowGroup;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The rows of a face set that are trained on. */
public final class SelectedRows implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Rows of each row group. */
  private final ArrayList<Integer> sizes;

  /** Rows kept of each row group, ascending; null where all are. */
  private final ArrayList<int[]> kept;

  private SelectedRows(ArrayList<Integer> sizes, ArrayList<int[]> kept) {
    this.sizes = sizes;
    this.kept = kept;
  }

  /** All rows. */
  public static SelectedRows all(FaceSet faces) {
    ArrayList<Integer> sizes = new ArrayList<>();
    for (RowGroup group : faces.rowGroups()) {
      sizes.add(Math.toIntExact(group.rows()));
    }
    return new SelectedRows(sizes, null);
  }

  /**
   * Images of identities that have at least {@code least} of them; labels stay as they are.
   *
   * @throws UserError when no identity has that many
   */
  public static SelectedRows ofIdentitiesWith(int least, Labels labels) {
    int[] counts = labels.counts();
    ArrayList<Integer> sizes = new ArrayList<>();
    ArrayList<int[]> kept = new ArrayList<>();
    for (int[] group : labels.groups()) {
      int[] rows =
          IntStream.range(0, group.length).filter(row -> counts[group[row]] >= least).toArray();
      sizes.add(rows.length);
      kept.add(rows);
    }
    SelectedRows selected = new SelectedRows(sizes, kept);
    if (selected.size() == 0) {
      throw new UserError(
          "no identity has " + least + " images", "data.images-per-identity", "lower it");
    }
    return selected;
  }

  /** Row groups of the set. */
  int groups() {
    return sizes.size();
  }

  /** The rows kept of a row group. */
  List<RowRef> of(int group) {
    List<RowRef> rows = new ArrayList<>();
    for (int i = 0; i < sizes.get(group); i++) {
      rows.add(new RowRef(group, kept == null ? i : kept.get(group)[i]));
    }
    return rows;
  }

  /** Rows kept of the whole set. */
  long size() {
    return sizes.stream().mapToLong(Integer::longValue).sum();
  }
}
