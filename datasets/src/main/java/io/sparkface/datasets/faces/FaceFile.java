package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.MessageType;

/**
 * One Parquet file of a face set. Where it is a {@link KeepList}, its rows are those of the file
 * that the list was made for, as far as they are kept.
 */
public final class FaceFile implements Closeable {
  private final Path images;
  private final ParquetRows<FaceRecord> rows;
  private final Optional<KeepList> kept;

  private FaceFile(Path images, ParquetRows<FaceRecord> rows, Optional<KeepList> kept) {
    this.images = images;
    this.rows = rows;
    this.kept = kept;
  }

  /**
   * @throws UserError when it is no Parquet file with the columns of a face set
   */
  public static FaceFile open(Path path, Configuration hadoop) throws IOException {
    return open(path, hadoop, FaceSchema.FACES, FaceSchema::face);
  }

  /** As {@link #open}, but every image has no bytes: reads all names without the pictures. */
  public static FaceFile openNames(Path path, Configuration hadoop) throws IOException {
    return open(path, hadoop, FaceSchema.NAMES, FaceSchema::names);
  }

  /** For {@link #labels} alone: reads no other column. */
  static FaceFile openLabels(Path path, Configuration hadoop) throws IOException {
    return open(path, hadoop, FaceSchema.LABELS, FaceSchema::label);
  }

  private static FaceFile open(
      Path path, Configuration hadoop, MessageType columns, Function<Group, FaceRecord> row)
      throws IOException {
    Optional<KeepList> kept =
        path.getName().endsWith(KeepList.SUFFIX)
            ? Optional.of(KeepList.read(path, hadoop))
            : Optional.empty();
    Path images = kept.map(KeepList::of).orElse(path);
    ParquetRows<FaceRecord> rows = new ParquetRows<>(images, hadoop, columns, row);
    try {
      kept.ifPresent(list -> list.requireWithin(rows.rows()));
    } catch (UserError e) {
      rows.close();
      throw e;
    }
    return new FaceFile(images, rows, kept);
  }

  /** The file that holds the pictures: this one, or the one whose rows are listed. */
  public Path images() {
    return images;
  }

  /** Row of {@link #images}, from 0, that {@link #read} gives at {@code index}. */
  public long position(int rowGroup, int index) {
    return kept.isEmpty()
        ? rows.first(rowGroup) + index
        : kept(kept.get(), rowGroup).get(index).position();
  }

  private List<KeepList.Row> kept(KeepList list, int rowGroup) {
    return list.rows(rows.first(rowGroup), rows.first(rowGroup) + rows.rows(rowGroup));
  }

  public int rowGroupCount() {
    return rows.rowGroupCount();
  }

  public long rows(int rowGroup) {
    return kept.isEmpty() ? rows.rows(rowGroup) : kept(kept.get(), rowGroup).size();
  }

  /** All images of a row group, in its order. */
  public List<FaceRecord> read(int rowGroup) throws IOException {
    if (kept.isEmpty()) {
      return rows.read(rowGroup);
    }
    List<KeepList.Row> wanted = kept(kept.get(), rowGroup);
    List<FaceRecord> found = new ArrayList<>(wanted.size());
    if (!wanted.isEmpty()) {
      List<FaceRecord> all = rows.read(rowGroup);
      long first = rows.first(rowGroup);
      for (KeepList.Row row : wanted) {
        found.add(all.get((int) (row.position() - first)).withLabel(row.label()));
      }
    }
    return found;
  }

  /** Labels of a row group, in its order. */
  int[] labels(int rowGroup) throws IOException {
    return kept.isPresent()
        ? kept(kept.get(), rowGroup).stream().mapToInt(KeepList.Row::label).toArray()
        : read(rowGroup).stream().mapToInt(FaceRecord::label).toArray();
  }

  /** The largest key in the file, by its statistics. */
  long largestKey() {
    return rows.largest(FaceSchema.KEY);
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
