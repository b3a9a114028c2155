package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A row of {@code classes.parquet}.
 *
 * @param identity name of the person
 * @param label class number
 * @param images of the person in the set
 */
public record FaceClass(String identity, int label, long images) {
  /** Name of the file beside a set's rows. */
  public static final String FILE = "classes.parquet";

  private static final int ROW_GROUP_BYTES = 16 << 20;
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message class {
            required binary identity (STRING);
            required int32 label;
            required int64 images;
          }
          """);

  private static final List<ParquetColumn<FaceClass>> COLUMNS =
      List.of(
          ParquetColumn.text("identity", FaceClass::identity),
          ParquetColumn.ints("label", FaceClass::label),
          ParquetColumn.longs("images", FaceClass::images));

  /** All classes, by label; from a file, or a directory of such files as Spark writes. */
  static List<FaceClass> read(Path path, Configuration hadoop) {
    List<FaceClass> classes = new ArrayList<>();
    try {
      FileSystem fs = path.getFileSystem(hadoop);
      if (!fs.exists(path)) {
        throw new UserError(
            "the set has no list of its identities", path.toString(), "run prepare again");
      }
      boolean many = fs.getFileStatus(path).isDirectory();
      for (FileStatus part : fs.globStatus(many ? new Path(path, "part-*.parquet") : path)) {
        try (ParquetRows<FaceClass> file =
            new ParquetRows<>(
                part.getPath(),
                hadoop,
                SCHEMA,
                row ->
                    new FaceClass(
                        row.getString("identity", 0),
                        row.getInteger("label", 0),
                        row.getLong("images", 0)))) {
          for (int group = 0; group < file.rowGroupCount(); group++) {
            classes.addAll(file.read(group));
          }
        }
      }
    } catch (IOException e) {
      throw new UserError(
          "the list of identities cannot be read: " + e.getMessage(),
          path.toString(),
          "run prepare again",
          e);
    }
    classes.sort(Comparator.comparingInt(FaceClass::label));
    return classes;
  }

  /** Writes {@code classes.parquet}. */
  public static void write(Path path, List<FaceClass> classes, Configuration hadoop)
      throws IOException {
    try (ParquetRowsWriter<FaceClass> out =
        new ParquetRowsWriter<>(path, hadoop, SCHEMA, COLUMNS, ROW_GROUP_BYTES, Map.of())) {
      for (FaceClass one : classes) {
        out.write(one);
      }
    }
  }
}
