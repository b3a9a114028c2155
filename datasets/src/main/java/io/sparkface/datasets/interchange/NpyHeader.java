package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands before the values of an array in numpy's {@code .npy} format: a magic, a version, and
 * a Python dictionary, of which three entries are looked for and nothing is run.
 *
 * @param type numpy's name of it, such as {@code <f4}
 * @param order of the values
 */
record NpyHeader(String type, Order order, List<Long> shape) {
  private static final int LONGEST = 1 << 16;
  private static final Pattern TYPE =
      Pattern.compile("'descr'\\s*:\\s*'([<>|=]?[a-zA-Z]\\d{0,9})'");
  private static final Pattern SHAPE =
      Pattern.compile("'shape'\\s*:\\s*\\((\\d{1,18}(?:, ?\\d{1,18}){0,31},?|)\\)");
  private static final Pattern COLUMNS_FIRST = Pattern.compile("'fortran_order'\\s*:\\s*True");

  /** Which index moves fastest. */
  enum Order {
    LAST,
    FIRST
  }

  /**
   * Leaves {@code in} at the first value.
   *
   * @param where named in errors
   * @throws UserError when no array of simple values begins here
   */
  static NpyHeader read(InputStream in, String where) throws IOException {
    byte[] start = in.readNBytes(10);
    boolean magic =
        start.length == 10
            && (start[0] & 255) == 0x93
            && new String(start, 1, 5, StandardCharsets.US_ASCII).equals("NUMPY");
    if (!magic || start[6] < 1 || start[6] > 3) {
      throw wrong("not an array in numpy's format", where);
    }
    long length = start[8] & 255 | (start[9] & 255) << 8;
    if (start[6] > 1) {
      byte[] upper = in.readNBytes(2);
      if (upper.length < 2) {
        throw wrong("the array's header is cut", where);
      }
      length |= (long) (upper[0] & 255) << 16 | (long) (upper[1] & 255) << 24;
    }
    if (length > LONGEST) {
      throw wrong("the array's header claims " + length + " bytes", where);
    }
    byte[] header = in.readNBytes((int) length);
    String text = new String(header, StandardCharsets.ISO_8859_1);
    Matcher type = TYPE.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (header.length < length || !type.find() || !shape.find()) {
      throw wrong("the array's header names no simple type and shape", where);
    }
    if (type.group(1).endsWith("O")) {
      throw wrong("the array holds pickled Python objects, which are not read", where);
    }
    return new NpyHeader(
        type.group(1),
        COLUMNS_FIRST.matcher(text).find() ? Order.FIRST : Order.LAST,
        sizes(shape.group(1)));
  }

  private static List<Long> sizes(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(size -> !size.isEmpty())
        .map(Long::valueOf)
        .toList();
  }

  private static UserError wrong(String problem, String where) {
    return new UserError(problem, where, "name plain arrays, as numpy.save and numpy.savez write");
  }
}
