package io.sparkface.datasets.recordio;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes a {@code .rec} file and, beside it, its {@code .idx} (spec 1.1 to 1.3). */
public final class RecordWriter implements Closeable {
  private final OutputStream records;
  private final OutputStream index;
  private long position;

  public RecordWriter(OutputStream records, OutputStream index) {
    this.records = records;
    this.index = index;
  }

  /**
   * Appends an image record under {@code key}.
   *
   * @param labels one label is written into the header (flag 0), several behind it (flag n)
   */
  public void write(long key, float[] labels, byte[] image) throws IOException {
    boolean scalar = labels.length == 1;
    ByteBuffer payload =
        ByteBuffer.allocate(24 + (scalar ? 0 : 4 * labels.length) + image.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    payload.putInt(scalar ? 0 : labels.length).putFloat(scalar ? labels[0] : 0);
    payload.putLong(key).putLong(0);
    if (!scalar) {
      for (float label : labels) {
        payload.putFloat(label);
      }
    }
    payload.put(image);
    index.write((key + "\t" + position + "\n").getBytes(StandardCharsets.US_ASCII));
    append(payload.array());
  }

  /** Appends any payload, cut wherever the magic stands in it at a multiple of 4. */
  void append(byte[] payload) throws IOException {
    ByteBuffer words = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    int begin = 0;
    boolean first = true;
    for (int i = 0; i + 4 <= payload.length; i += 4) {
      if (words.getInt(i) == RecordFile.MAGIC) {
        part(payload, begin, i, first ? 1 : 2);
        begin = i + 4;
        first = false;
      }
    }
    part(payload, begin, payload.length, first ? 0 : 3);
  }

  private void part(byte[] payload, int begin, int end, int place) throws IOException {
    int length = end - begin;
    if (length >= 1 << 29) {
      throw new IllegalArgumentException("a part cannot have " + length + " bytes");
    }
    records.write(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(RecordFile.MAGIC)
            .putInt(place << 29 | length)
            .array());
    records.write(payload, begin, length);
    int padding = (4 - length % 4) % 4;
    records.write(new byte[padding]);
    position += 8L + length + padding;
  }

  @Override
  public void close() throws IOException {
    try (records;
        index) {
      records.flush();
    }
  }
}
