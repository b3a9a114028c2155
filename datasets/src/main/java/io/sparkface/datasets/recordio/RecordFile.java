package io.sparkface.datasets.recordio;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The records that start in a byte range of a {@code .rec} file, in its order.
 *
 * <p>A file is a chain of parts: magic {@code 0xCED7230A}, a word with the part's place (0 whole, 1
 * first, 2 middle, 3 last) in its upper 3 bits and its length in the lower 29, the payload, and
 * zeros up to a multiple of 4; all little-endian. A writer cuts a record wherever the magic stands
 * in it at a multiple of 4 and drops those 4 bytes, so that an aligned magic always begins a part.
 * That is what lets a reader start anywhere: it looks for the next aligned magic of a whole or
 * first part.
 *
 * <p>After a {@link BadRecord} the next call goes on at the next aligned magic.
 */
public final class RecordFile implements Closeable {
  static final int MAGIC = 0xCED7230A;
  private static final int LENGTH_MASK = (1 << 29) - 1;
  private static final int BUFFER = 1 << 20;

  /** Longest record that is read; a face crop has a few KiB. */
  public static final int MOST_BYTES = 64 << 20;

  private final FSDataInputStream in;
  private final long end;
  private final long length;
  private final byte[] buffer;
  private int from;
  private int to;
  private long position;
  private boolean lost;

  RecordFile(FSDataInputStream in, long start, long end, long length) throws IOException {
    this.in = in;
    this.end = Math.min(end, length);
    this.length = length;
    this.buffer = new byte[(int) Math.min(BUFFER, length + 8)];
    this.position = (start + 3) / 4 * 4;
    this.lost = start > 0;
    in.seek(Math.min(position, length));
  }

  /**
   * @param start first byte of the range
   * @param end byte after the range; records that start before it are read to their own end
   */
  public static RecordFile open(Path path, Configuration hadoop, long start, long end)
      throws IOException {
    FileSystem fs = path.getFileSystem(hadoop);
    return new RecordFile(fs.open(path, BUFFER), start, end, fs.getFileStatus(path).getLen());
  }

  /** All records of a file. */
  public static RecordFile open(Path path, Configuration hadoop) throws IOException {
    return open(path, hadoop, 0, Long.MAX_VALUE);
  }

  /**
   * The next record, or null at the end of the range.
   *
   * @throws BadRecord when the record is damaged
   */
  public ImageRecord next() throws IOException {
    if (lost && !findRecord()) {
      return null;
    }
    if (position >= end) {
      return null;
    }
    long offset = position;
    try {
      return ImageRecord.parse(offset, payload(offset));
    } catch (BadRecord e) {
      if (position == offset) {
        skip(4);
      }
      throw e;
    }
  }

  private ByteBuffer payload(long offset) throws IOException {
    int header = part(offset, offset);
    int place = header >>> 29;
    if (place == 0) {
      return whole(offset, header);
    }
    if (place != 1) {
      throw lost(offset, "the record begins with a continuation part (" + place + ")");
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(body(offset, header));
    while (true) {
      long next = position;
      if (next >= length) {
        throw lost(offset, "the file ends before the record's last part");
      }
      int more = part(next, offset);
      int moreplace = more >>> 29;
      if (moreplace != 2 && moreplace != 3) {
        position = next;
        rewind(next);
        throw lost(offset, "the record's last part is missing before byte " + next);
      }
      writeMagic(whole);
      whole.write(body(offset, more));
      if (whole.size() > MOST_BYTES) {
        throw lost(offset, "the record is longer than " + MOST_BYTES + " bytes");
      }
      if (moreplace == 3) {
        return ByteBuffer.wrap(whole.toByteArray());
      }
    }
  }

  private static void writeMagic(ByteArrayOutputStream out) {
    out.write(MAGIC);
    out.write(MAGIC >>> 8);
    out.write(MAGIC >>> 16);
    out.write(MAGIC >>> 24);
  }

  /** Reads a part's 8 bytes; returns its length word. */
  private int part(long at, long offset) throws IOException {
    if (length - at < 8) {
      position = length;
      throw lost(offset, "the file ends within a part's header at byte " + at);
    }
    int magic = word();
    if (magic != MAGIC) {
      throw lost(
          offset,
          String.format(
              java.util.Locale.ROOT, "wrong magic 0x%08X at byte %d, not 0xCED7230A", magic, at));
    }
    int header = word();
    int place = header >>> 29;
    if (place > 3) {
      throw lost(offset, "the part at byte " + at + " has the unknown flag " + place);
    }
    return header;
  }

  /** A record of one part, where it fits without copying it out of the buffer. */
  private ByteBuffer whole(long offset, int header) throws IOException {
    int size = size(offset, header);
    if (size > buffer.length) {
      return ByteBuffer.wrap(body(offset, header));
    }
    fill(size);
    ByteBuffer payload = ByteBuffer.wrap(buffer, from, size);
    from += size;
    position += size;
    skipPadding(size);
    return payload;
  }

  private byte[] body(long offset, int header) throws IOException {
    int size = size(offset, header);
    byte[] bytes = new byte[size];
    read(bytes, size);
    skipPadding(size);
    return bytes;
  }

  private void skipPadding(int size) throws IOException {
    skip(Math.min((4 - size % 4) % 4, length - position));
  }

  /** Bytes of a part, as far as the file has them. */
  private int size(long offset, int header) throws BadRecord {
    int size = header & LENGTH_MASK;
    if (size > length - position) {
      throw lost(
          offset,
          "the part has "
              + size
              + " bytes and the file "
              + (length - position)
              + " more: it is cut");
    }
    if (size > MOST_BYTES) {
      throw lost(offset, "the record is longer than " + MOST_BYTES + " bytes");
    }
    return size;
  }

  private BadRecord lost(long offset, String reason) {
    lost = true;
    return new BadRecord(offset, reason);
  }

  /** Goes to the next aligned magic that begins a record; false when there is none in the range. */
  private boolean findRecord() throws IOException {
    while (position < end && length - position >= 8) {
      fill(8);
      if (wordAt(from) == MAGIC && (wordAt(from + 4) >>> 29) <= 1) {
        lost = false;
        return true;
      }
      skip(4);
    }
    position = Math.max(position, end);
    return false;
  }

  private int wordAt(int index) {
    return (buffer[index] & 255)
        | (buffer[index + 1] & 255) << 8
        | (buffer[index + 2] & 255) << 16
        | (buffer[index + 3] & 255) << 24;
  }

  private int word() throws IOException {
    fill(4);
    int word = wordAt(from);
    from += 4;
    position += 4;
    return word;
  }

  private void fill(int wanted) throws IOException {
    if (to - from >= wanted) {
      return;
    }
    System.arraycopy(buffer, from, buffer, 0, to - from);
    to -= from;
    from = 0;
    while (to < wanted) {
      int read = in.read(buffer, to, buffer.length - to);
      if (read < 0) {
        throw new IOException("the file became shorter while it was read");
      }
      to += read;
    }
  }

  private void read(byte[] bytes, int size) throws IOException {
    int buffered = Math.min(size, to - from);
    System.arraycopy(buffer, from, bytes, 0, buffered);
    from += buffered;
    in.readFully(bytes, buffered, size - buffered);
    position += size;
  }

  private void skip(long bytes) throws IOException {
    long target = position + bytes;
    if (bytes <= to - from) {
      from += (int) bytes;
      position = target;
    } else {
      rewind(target);
    }
  }

  private void rewind(long target) throws IOException {
    from = 0;
    to = 0;
    position = target;
    in.seek(Math.min(target, length));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
