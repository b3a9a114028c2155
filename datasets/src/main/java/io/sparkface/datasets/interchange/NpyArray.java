package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array in numpy's {@code .npy} format whose values are read one after another, in rows. Numbers
 * (floating point, whole, truth values) and text of fixed width are read; memory grows with what is
 * really there, never with what the header claims.
 */
public final class NpyArray {
  private static final Pattern TYPE = Pattern.compile("([<>|=]?)([fiubU])([1-9]\\d{0,3})");
  private static final int CHUNK = 1 << 16;

  private final String where;
  private final InputStream in;
  private final NpyHeader header;
  private final char kind;
  private final int width;
  private final ByteOrder order;

  private NpyArray(InputStream in, NpyHeader header, Matcher type, String where) {
    this.in = in;
    this.header = header;
    this.where = where;
    this.kind = type.group(2).charAt(0);
    this.width = Integer.parseInt(type.group(3)) * (kind == 'U' ? 4 : 1);
    this.order = type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  /**
   * @param where named in errors
   * @throws UserError when no array of numbers or text begins here
   */
  public static NpyArray open(InputStream in, String where) throws IOException {
    NpyHeader header = NpyHeader.read(in, where);
    Matcher type = TYPE.matcher(header.type());
    boolean known =
        type.matches()
            && switch (type.group(2)) {
              case "f" -> List.of("2", "4", "8").contains(type.group(3));
              case "i", "u" -> List.of("1", "2", "4", "8").contains(type.group(3));
              case "b" -> type.group(3).equals("1");
              default -> true;
            };
    if (!known) {
      throw wrong("values of type " + header.type() + " are not read", where);
    }
    if (header.order() == NpyHeader.Order.FIRST && header.shape().size() > 1) {
      throw wrong("the array is in Fortran's order", where);
    }
    return new NpyArray(in, header, type, where);
  }

  public List<Long> shape() {
    return header.shape();
  }

  /** Whether its values have half precision. */
  boolean isHalf() {
    return kind == 'f' && width == 2;
  }

  /** Whether its values are whole numbers. */
  boolean isWhole() {
    return kind == 'i' || kind == 'u';
  }

  /** Whether its values are text. */
  public boolean isText() {
    return kind == 'U';
  }

  /**
   * The next {@code count} numbers.
   *
   * @throws UserError when there are fewer
   */
  public float[] floats(int count) throws IOException {
    float[] values = new float[0];
    for (int done = 0; done < count; ) {
      ByteBuffer part = part(count - done);
      int end = done + part.remaining() / width;
      if (end > values.length) {
        values = Arrays.copyOf(values, (int) Math.min(count, Math.max(end, 2L * values.length)));
      }
      for (; done < end; done++) {
        values[done] = (float) number(part);
      }
    }
    return values;
  }

  /**
   * The next whole number.
   *
   * @throws UserError when there is none
   */
  long whole() throws IOException {
    return whole(part(1));
  }

  /**
   * The next {@code count} numbers, each 0 or 1; those that are 1 are set.
   *
   * @throws UserError when there are fewer, or others
   */
  public BitSet truths(int count) throws IOException {
    BitSet truths = new BitSet();
    for (int done = 0; done < count; ) {
      ByteBuffer part = part(count - done);
      for (; part.hasRemaining(); done++) {
        double value = number(part);
        if (value != 0 && value != 1) {
          throw wrong("value " + done + " is " + value + ", neither 0 nor 1", where);
        }
        truths.set(done, value == 1);
      }
    }
    return truths;
  }

  /**
   * The next text, without the zeros behind it.
   *
   * @throws UserError when there is none
   */
  public String text() throws IOException {
    ByteBuffer letters = part(1);
    StringBuilder text = new StringBuilder();
    while (letters.hasRemaining()) {
      int letter = letters.getInt();
      if (letter != 0 && Character.isValidCodePoint(letter)) {
        text.appendCodePoint(letter);
      }
    }
    return text.toString();
  }

  /** The bytes of the next values: as many as are wanted, or as fit at once. */
  private ByteBuffer part(int wanted) throws IOException {
    int bytes = width * Math.min(wanted, Math.max(1, CHUNK / Math.max(1, width)));
    byte[] read = in.readNBytes(bytes);
    if (read.length < bytes) {
      throw wrong("the array is cut: " + wanted + " more values were expected", where);
    }
    return ByteBuffer.wrap(read).order(order);
  }

  private double number(ByteBuffer buffer) {
    if (kind != 'f') {
      return whole(buffer);
    }
    return switch (width) {
      case 2 -> Half.toFloat(buffer.getShort());
      case 4 -> buffer.getFloat();
      default -> buffer.getDouble();
    };
  }

  private long whole(ByteBuffer buffer) {
    boolean unsigned = kind != 'i';
    return switch (width) {
      case 1 -> unsigned ? buffer.get() & 0xff : buffer.get();
      case 2 -> unsigned ? buffer.getShort() & 0xffff : buffer.getShort();
      case 4 -> unsigned ? buffer.getInt() & 0xffffffffL : buffer.getInt();
      default -> buffer.getLong();
    };
  }

  private static UserError wrong(String problem, String where) {
    return new UserError(problem, where, "save the array again, as plain numbers in rows");
  }
}
