package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipException;

/**
 * Reads a numpy array (.npy) value after value, so that it may be larger than memory. Values are
 * whole numbers, floating-point numbers of 2, 4 or 8 bytes, or text of one length.
 */
public final class NpyReader implements Closeable {
  /** Most bytes of a text. */
  private static final int LONGEST_TEXT = 1 << 18;

  private final InputStream in;
  private final String where;
  private final NpyHeader header;
  private final char kind;
  private final int size;
  private final ByteOrder order;

  /**
   * @param in closed with this
   * @param where named in errors
   * @throws UserError when it is no array of such values
   */
  public NpyReader(InputStream in, String where) throws IOException {
    this.in = in;
    this.where = where;
    this.header = NpyHeader.read(in, where);
    String type = header.type().replaceFirst("^[<>|=]", "");
    this.kind = type.charAt(0);
    this.order =
        header.type().charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    long digits = type.length() > 1 ? Long.parseLong(type.substring(1)) : 0;
    long bytes = kind == 'U' ? 4 * digits : digits;
    boolean known =
        switch (kind) {
          case 'i', 'u' -> bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
          case 'f' -> bytes == 2 || bytes == 4 || bytes == 8;
          case 'U', 'S' -> bytes > 0 && bytes <= LONGEST_TEXT;
          default -> false;
        };
    if (!known) {
      throw wrong("values of type " + header.type() + " are not read");
    }
    if (header.columnOrder() && header.shape().size() > 1) {
      throw wrong("the array is in column order");
    }
    this.size = (int) bytes;
  }

  /** Lengths of the axes. */
  public List<Long> shape() {
    return header.shape();
  }

  /** Whether numbers have two bytes. */
  boolean half() {
    return kind == 'f' && size == 2;
  }

  /**
   * The next {@code count} values.
   *
   * @throws UserError when they are no floating-point numbers, or the file ends before
   */
  public float[] reals(int count) throws IOException {
    require(kind == 'f', "floating-point numbers");
    ByteBuffer bytes = next(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (size) {
            case 2 -> Half.toFloat(bytes.getShort());
            case 4 -> bytes.getFloat();
            default -> (float) bytes.getDouble();
          };
    }
    return values;
  }

  /**
   * The next value.
   *
   * @throws UserError when it is no whole number, or the file ends before
   */
  public long integer() throws IOException {
    require(kind == 'i' || kind == 'u', "whole numbers");
    ByteBuffer bytes = next(1);
    long value =
        switch (size) {
          case 1 -> bytes.get();
          case 2 -> bytes.getShort();
          case 4 -> bytes.getInt();
          default -> bytes.getLong();
        };
    return kind == 'u' && size < 8 ? value & (1L << 8 * size) - 1 : value;
  }

  /**
   * The next value, without the zeros that fill it up.
   *
   * @throws UserError when it is no text, or the file ends before
   */
  public String text() throws IOException {
    require(kind == 'U' || kind == 'S', "text");
    ByteBuffer bytes = next(1);
    if (kind == 'S') {
      return StandardCharsets.UTF_8.decode(bytes).toString().replaceFirst("\0+$", "");
    }
    StringBuilder text = new StringBuilder();
    while (bytes.hasRemaining()) {
      int point = bytes.getInt();
      if (point == 0) {
        break;
      }
      if (!Character.isValidCodePoint(point)) {
        throw wrong("a text holds " + point + ", which is no character");
      }
      text.appendCodePoint(point);
    }
    return text.toString();
  }

  private ByteBuffer next(int count) throws IOException {
    int wanted = Math.multiplyExact(count, size);
    byte[] bytes;
    try {
      bytes = in.readNBytes(wanted);
    } catch (ZipException | EOFException e) {
      throw new UserError("the zip is damaged: " + e.getMessage(), where, "copy it again", e);
    }
    if (bytes.length < wanted) {
      throw wrong("the file ends before the array does");
    }
    return ByteBuffer.wrap(bytes).order(order);
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      throw wrong("values of type " + header.type() + " stand where there should be " + what);
    }
  }

  private UserError wrong(String problem) {
    return new UserError(
        problem, where, "write it with numpy.save(z), in row order, as plain numbers or text");
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
