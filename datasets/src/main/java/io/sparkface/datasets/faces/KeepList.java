package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * Which rows of a face file are kept, and their labels: a cleaned set that takes a few bytes an
 * image. Parquet with columns {@code group} (row group), {@code row} (in it), {@code label}, and
 * the face file's path as a property.
 */
public final class KeepList {
  /** How names of such files end. */
  public static final String SUFFIX = ".keep.parquet";

  private static final String OF = "sparkface.keeps";
  private static final int ROW_GROUP_BYTES = 16 << 20;
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          "message keep { required int32 group; required int32 row; required int32 label; }");

  private final Path of;
  private final Map<Integer, List<Row>> rows;

  /** A row of a row group and its label. */
  record Row(int index, int label) {}

  private record Kept(int group, int row, int label) {}

  private KeepList(Path of, Map<Integer, List<Row>> rows) {
    this.of = of;
    this.rows = rows;
  }

  static KeepList read(Path path, Configuration hadoop) throws IOException {
    try (ParquetRows<Kept> file =
        new ParquetRows<>(
            path,
            hadoop,
            SCHEMA,
            row ->
                new Kept(
                    row.getInteger("group", 0),
                    row.getInteger("row", 0),
                    row.getInteger("label", 0)))) {
      Path of = new Path(String.valueOf(file.property(OF)));
      if (!of.getFileSystem(hadoop).exists(of)) {
        throw new UserError(
            "the face file whose rows are listed is gone: " + of,
            path.toString(),
            "put it back, or clean that set again");
      }
      Map<Integer, List<Row>> rows = new HashMap<>();
      for (int group = 0; group < file.rowGroupCount(); group++) {
        for (Kept kept : file.read(group)) {
          rows.computeIfAbsent(kept.group(), any -> new ArrayList<>())
              .add(new Row(kept.row(), kept.label()));
        }
      }
      return new KeepList(of, rows);
    }
  }

  /** The file whose rows are listed. */
  Path of() {
    return of;
  }

  /** What is kept of a row group, in its order. */
  List<Row> rows(int rowGroup) {
    return rows.getOrDefault(rowGroup, List.of());
  }

  /** Writes such a file. */
  public static final class Writer implements Closeable {
    private final ParquetRowsWriter<Kept> rows;

    /**
     * @param of the face file, no list itself
     */
    public Writer(Path path, Path of, Configuration hadoop) throws IOException {
      this.rows =
          new ParquetRowsWriter<>(
              path,
              hadoop,
              SCHEMA,
              ROW_GROUP_BYTES,
              Map.of(OF, of.getFileSystem(hadoop).makeQualified(of).toString()),
              Writer::put);
    }

    private static void put(Kept kept, RecordConsumer out) {
      out.startField("group", 0);
      out.addInteger(kept.group());
      out.endField("group", 0);
      out.startField("row", 1);
      out.addInteger(kept.row());
      out.endField("row", 1);
      out.startField("label", 2);
      out.addInteger(kept.label());
      out.endField("label", 2);
    }

    /** Keeps a row. */
    public void keep(int group, int row, int label) throws IOException {
      rows.write(new Kept(group, row, label));
    }

    @Override
    public void close() throws IOException {
      rows.close();
    }
  }
}
