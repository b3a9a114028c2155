package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** Reads TFRecord as {@link TfRecordWriter} describes it, and checks both sums of every record. */
public final class TfRecordReader implements Closeable {
  /** Largest record that is read: a picture and an embedding need far less. */
  public static final int MOST_BYTES = 64 << 20;

  private final InputStream in;
  private final String where;
  private long position;

  /**
   * @param in closed with this
   * @param where named in errors
   */
  public TfRecordReader(InputStream in, String where) {
    this.in = in;
    this.where = where;
  }

  /**
   * The next record's payload; empty at the end of the file.
   *
   * @throws UserError when the file is cut, a sum does not fit, or a record is too large
   */
  public Optional<byte[]> next() throws IOException {
    byte[] length = in.readNBytes(8);
    if (length.length == 0) {
      return Optional.empty();
    }
    if (length.length < 8 || number() != MaskedCrc.of(length, 8)) {
      throw damaged("a record's length is cut or does not fit its sum");
    }
    long bytes = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (bytes < 0 || bytes > MOST_BYTES) {
      throw damaged("a record claims " + bytes + " bytes, the limit is " + MOST_BYTES);
    }
    // not a buffer of that size at once: the file may be shorter than it claims
    byte[] payload = in.readNBytes((int) bytes);
    if (payload.length < bytes || number() != MaskedCrc.of(payload, payload.length)) {
      throw damaged("a record is cut or does not fit its sum");
    }
    position += 16 + bytes;
    return Optional.of(payload);
  }

  private int number() throws IOException {
    byte[] bytes = in.readNBytes(4);
    if (bytes.length < 4) {
      throw damaged("the file is cut within a record");
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private UserError damaged(String problem) {
    return new UserError(
        problem, where + ", byte " + position, "copy the file again", new EOFException());
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
