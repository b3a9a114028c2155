package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A Parquet file of photos: encoded pictures in a binary column {@code image} (a face set's) or
 * {@code content} (Spark's {@code binaryFile}); where they are there, {@code identity} and {@code
 * source} (or {@code path}), texts, say whose and which.
 */
public final class PhotoFile implements Closeable {
  private static final List<String> PICTURES = List.of(FaceSchema.IMAGE, "content");
  private static final List<String> SOURCES = List.of(FaceSchema.SOURCE, "path");

  private final ParquetRows<Photo> rows;

  private PhotoFile(ParquetRows<Photo> rows) {
    this.rows = rows;
  }

  /** A row. */
  public record Photo(Optional<String> identity, Optional<String> source, byte[] image) {}

  /**
   * @throws UserError when it is no Parquet file with such columns
   */
  public static PhotoFile open(Path path, Configuration hadoop) throws IOException {
    MessageType actual;
    try (ParquetFileReader file = ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop))) {
      actual = file.getFileMetaData().getSchema();
    } catch (RuntimeException e) {
      throw new UserError(
          "not a whole Parquet file: " + e.getMessage(), path.toString(), "write it again", e);
    }
    String picture =
        first(PICTURES, actual)
            .orElseThrow(
                () ->
                    new UserError(
                        "the file has no column 'image' or 'content'",
                        path.toString(),
                        "name Parquet with encoded pictures in one of these columns"));
    Optional<String> source = first(SOURCES, actual);
    Optional<String> identity = first(List.of(FaceSchema.IDENTITY), actual);
    StringBuilder columns = new StringBuilder("message photo { required binary " + picture + "; ");
    source.ifPresent(name -> columns.append("optional binary " + name + " (STRING); "));
    identity.ifPresent(name -> columns.append("optional binary " + name + " (STRING); "));
    return new PhotoFile(
        new ParquetRows<>(
            path,
            hadoop,
            MessageTypeParser.parseMessageType(columns + "}"),
            row -> photo(row, picture, source, identity)));
  }

  private static Optional<String> first(List<String> names, MessageType schema) {
    return names.stream().filter(schema::containsField).findFirst();
  }

  private static Photo photo(
      Group row, String picture, Optional<String> source, Optional<String> identity) {
    byte[] image =
        row.getFieldRepetitionCount(picture) == 0
            ? new byte[0]
            : row.getBinary(picture, 0).getBytes();
    return new Photo(
        identity
            .filter(name -> row.getFieldRepetitionCount(name) > 0)
            .map(n -> row.getString(n, 0)),
        source.filter(name -> row.getFieldRepetitionCount(name) > 0).map(n -> row.getString(n, 0)),
        image);
  }

  public int rowGroupCount() {
    return rows.rowGroupCount();
  }

  public long rows(int rowGroup) {
    return rows.rows(rowGroup);
  }

  /** All photos of a row group, in its order. */
  public List<Photo> read(int rowGroup) throws IOException {
    return rows.read(rowGroup);
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
