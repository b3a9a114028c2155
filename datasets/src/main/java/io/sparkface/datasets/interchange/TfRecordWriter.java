package io.sparkface.datasets.interchange;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes TFRecord: per record the length (u64), the masked CRC-32C of its 8 bytes, the payload and
 * the masked CRC-32C of that, all little-endian.
 */
public final class TfRecordWriter implements Closeable {
  private final OutputStream out;

  /**
   * @param out closed with this
   */
  public TfRecordWriter(OutputStream out) {
    this.out = out;
  }

  /** Appends one record. */
  public void write(byte[] payload) throws IOException {
    byte[] length = little(8).putLong(payload.length).array();
    out.write(length);
    out.write(little(4).putInt(MaskedCrc.of(length, 8)).array());
    out.write(payload);
    out.write(little(4).putInt(MaskedCrc.of(payload, payload.length)).array());
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Brings what was written to the file system. */
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
