package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * Which rows of a face file are kept, and their labels: a cleaned set that takes a few bytes an
 * image. Parquet with columns {@code position} (of the row in the face file, from 0, ascending) and
 * {@code label}, and the face file's path as a property. Positions do not depend on how the file is
 * cut into row groups and these into parts.
 */
public final class KeepList {
  /** How names of such files end. */
  public static final String SUFFIX = ".keep.parquet";

  private static final String OF = "sparkface.keeps";
  private static final int ROW_GROUP_BYTES = 16 << 20;
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          "message keep { required int64 position; required int32 label; }");

  private final Path path;
  private final Path of;
  private final List<Row> rows;

  /** A row of the face file and its label. */
  record Row(long position, int label) {}

  private KeepList(Path path, Path of, List<Row> rows) {
    this.path = path;
    this.of = of;
    this.rows = rows;
  }

  static KeepList read(Path path, Configuration hadoop) throws IOException {
    try (ParquetRows<Row> file =
        new ParquetRows<>(
            path,
            hadoop,
            SCHEMA,
            row -> new Row(row.getLong("position", 0), row.getInteger("label", 0)))) {
      Path of = new Path(String.valueOf(file.property(OF)));
      if (!of.getFileSystem(hadoop).exists(of)) {
        throw new UserError(
            "the face file whose rows are listed is gone: " + of,
            path.toString(),
            "put it back, or clean that set again");
      }
      List<Row> rows = new ArrayList<>();
      long before = -1;
      for (int group = 0; group < file.rowGroupCount(); group++) {
        for (Row row : file.read(group)) {
          if (row.position() <= before) {
            throw new UserError(
                "row " + row.position() + " is listed after row " + before,
                path.toString(),
                "clean that set again");
          }
          before = row.position();
          rows.add(row);
        }
      }
      return new KeepList(path, of, rows);
    }
  }

  /**
   * @throws UserError when a row is listed that the face file has not
   */
  void requireWithin(long rowsOfFile) {
    long last = rows.isEmpty() ? -1 : rows.get(rows.size() - 1).position();
    if (last >= rowsOfFile) {
      throw new UserError(
          "row " + last + " is listed of a file that has " + rowsOfFile + ": " + of,
          path.toString(),
          "put back the file that was cleaned, or clean that set again");
    }
  }

  /** The file whose rows are listed. */
  Path of() {
    return of;
  }

  /** What is kept of the rows from {@code first} to {@code end} - 1, in their order. */
  List<Row> rows(long first, long end) {
    return rows.subList(index(first), index(end));
  }

  /** Of the first listed row that does not lie before {@code position}. */
  private int index(long position) {
    int found =
        Collections.binarySearch(
            rows, new Row(position, 0), (a, b) -> Long.compare(a.position(), b.position()));
    return found < 0 ? -1 - found : found;
  }

  /** Writes such a file. */
  public static final class Writer implements Closeable {
    private final ParquetRowsWriter<Row> rows;

    /**
     * @param of the face file, no list itself
     */
    public Writer(Path path, Path of, Configuration hadoop) throws IOException {
      this.rows =
          new ParquetRowsWriter<>(
              path,
              hadoop,
              SCHEMA,
              List.of(
                  ParquetColumn.longs("position", Row::position),
                  ParquetColumn.ints("label", Row::label)),
              ROW_GROUP_BYTES,
              Map.of(OF, of.getFileSystem(hadoop).makeQualified(of).toString()));
    }

    /** Keeps a row of the face file; rows come in its order. */
    public void keep(long position, int label) throws IOException {
      rows.write(new Row(position, label));
    }

    @Override
    public void close() throws IOException {
      rows.close();
    }
  }
}
