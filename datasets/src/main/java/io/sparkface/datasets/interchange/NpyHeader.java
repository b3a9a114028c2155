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
 * What stands before the values of a numpy array: a magic, a version, and a Python dict as text, of
 * which only a simple type, the order and the shape are taken.
 *
 * @param type numpy's name of it, such as {@code <f4}
 * @param columnOrder whether the first axis varies fastest
 */
record NpyHeader(String type, boolean columnOrder, List<Long> shape) {
  private static final int LONGEST = 1 << 16;
  private static final Pattern TYPE =
      Pattern.compile("'descr'\\s*:\\s*'([<>|=]?[a-zA-Z]\\d{0,9})'");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, ]*)\\)");
  private static final Pattern COLUMN_ORDER = Pattern.compile("'fortran_order'\\s*:\\s*True");

  /**
   * @param where named in errors
   * @throws UserError when no such header begins here, or the values are Python objects
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
        type.group(1), COLUMN_ORDER.matcher(text).find(), sizes(shape.group(1), where));
  }

  private static List<Long> sizes(String text, String where) {
    try {
      return Arrays.stream(text.split(","))
          .map(String::strip)
          .filter(size -> !size.isEmpty())
          .map(Long::valueOf)
          .toList();
    } catch (NumberFormatException e) {
      throw wrong("the array's shape is not readable: (" + text + ")", where);
    }
  }

  private static UserError wrong(String problem, String where) {
    return new UserError(problem, where, "name a file of plain arrays, as numpy.save(z) writes");
  }
}
