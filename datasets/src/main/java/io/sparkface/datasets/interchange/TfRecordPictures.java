package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Pictures in a TFRecord (spec 2.3): of each record the features {@code image_raw}, an encoded
 * picture, and {@code label}, a whole number from 0. Read one after the other.
 */
public final class TfRecordPictures implements Closeable {
  private final TfRecordReader records;
  private final String file;
  private long read;

  /**
   * @param in closed with this
   * @param file named in errors
   */
  public TfRecordPictures(InputStream in, String file) {
    this.records = new TfRecordReader(in, file);
    this.file = file;
  }

  /**
   * A picture.
   *
   * @param label its class
   * @param image encoded
   */
  public record Picture(int label, byte[] image) {}

  /**
   * The next one; empty at the end of the file.
   *
   * @throws UserError when the file is damaged or a record holds something else
   */
  public Optional<Picture> next() throws IOException {
    Optional<byte[]> payload = records.next();
    if (payload.isEmpty()) {
      return Optional.empty();
    }
    String where = file + " record " + read;
    TfFeatures record =
        TfFeatures.of(payload.get(), where, "name files with image_raw and label in each record");
    long label = record.integer("label");
    if (label < 0 || label > Integer.MAX_VALUE) {
      throw new UserError("the label is " + label, where, "write the file again");
    }
    ByteBuffer stored = record.bytes("image_raw");
    byte[] image = new byte[stored.remaining()];
    stored.get(image);
    read++;
    return Optional.of(new Picture((int) label, image));
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
