package io.sparkface.datasets.faces;

import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Names and types of the Parquet columns. */
public final class FaceSchema {
  public static final String IDENTITY = "identity";
  public static final String LABEL = "label";
  public static final String KEY = "key";
  public static final String IMAGE = "image";
  public static final String WIDTH = "width";
  public static final String HEIGHT = "height";
  public static final String SOURCE = "source";

  public static final MessageType FACES =
      MessageTypeParser.parseMessageType(
          """
          message face {
            required binary identity (STRING);
            required int32 label;
            required int64 key;
            required binary image;
            required int32 width;
            required int32 height;
            required binary source (STRING);
          }
          """);

  /** What of a face tells whose it is. */
  static final MessageType LABELS =
      MessageTypeParser.parseMessageType("message label { required int32 label; }");

  /** Everything but the pictures, which are nearly all of a file. */
  static final MessageType NAMES =
      MessageTypeParser.parseMessageType(
          """
          message face {
            required binary identity (STRING);
            required int32 label;
            required int64 key;
            required int32 width;
            required int32 height;
            required binary source (STRING);
          }
          """);

  public static final MessageType PAIRS =
      MessageTypeParser.parseMessageType(
          """
          message pair {
            required int32 index;
            required boolean same;
            required binary first;
            required binary second;
          }
          """);

  private FaceSchema() {}

  static FaceRecord face(Group row) {
    return face(row, row.getBinary(IMAGE, 0).getBytes());
  }

  static FaceRecord names(Group row) {
    return face(row, new byte[0]);
  }

  static FaceRecord label(Group row) {
    return new FaceRecord("", row.getInteger(LABEL, 0), 0, new byte[0], 0, 0, "");
  }

  private static FaceRecord face(Group row, byte[] image) {
    return new FaceRecord(
        row.getString(IDENTITY, 0),
        row.getInteger(LABEL, 0),
        row.getLong(KEY, 0),
        image,
        row.getInteger(WIDTH, 0),
        row.getInteger(HEIGHT, 0),
        row.getString(SOURCE, 0));
  }
}
