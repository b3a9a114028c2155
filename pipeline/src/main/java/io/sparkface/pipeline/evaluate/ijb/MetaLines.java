package io.sparkface.pipeline.evaluate.ijb;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines of a meta file, split at a separator; nothing is made an object that is not asked for, as
 * pair files have millions of lines. Empty lines are passed over, a carriage return at a line's end
 * too. Separators in a row count as one.
 */
final class MetaLines implements AutoCloseable {
  private static final int MOST_LINE = 1 << 14;
  private static final int MOST_FIELDS = 64;

  private final InputStream in;
  private final String where;
  private final byte separator;
  private final byte[] buffer = new byte[1 << 16];
  private int buffered;
  private int position;
  private final byte[] line = new byte[MOST_LINE];
  private final int[] starts = new int[MOST_FIELDS];
  private final int[] ends = new int[MOST_FIELDS];
  private int fields;
  private long number;

  MetaLines(InputStream in, String where, char separator) {
    this.in = in;
    this.where = where;
    this.separator = (byte) separator;
  }

  /** Goes to the next line that is not empty; false at the end. */
  boolean next() throws IOException {
    while (true) {
      int length = read();
      if (length < 0) {
        return false;
      }
      number++;
      split(length);
      if (fields > 0) {
        return true;
      }
    }
  }

  private int read() throws IOException {
    int length = 0;
    while (true) {
      if (position == buffered) {
        buffered = in.read(buffer);
        position = 0;
        if (buffered <= 0) {
          buffered = 0;
          return length == 0 ? -1 : length;
        }
      }
      byte value = buffer[position++];
      if (value == '\n') {
        return length;
      }
      if (length == MOST_LINE) {
        number++;
        throw wrong("the line is longer than " + MOST_LINE + " bytes");
      }
      line[length++] = value;
    }
  }

  private void split(int length) {
    int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
    fields = 0;
    int i = 0;
    while (i < end) {
      while (i < end && line[i] == separator) {
        i++;
      }
      if (i == end) {
        break;
      }
      if (fields == MOST_FIELDS) {
        throw wrong("the line has more than " + MOST_FIELDS + " fields");
      }
      starts[fields] = i;
      while (i < end && line[i] != separator) {
        i++;
      }
      ends[fields++] = i;
    }
  }

  void require(int count) {
    if (fields < count) {
      throw wrong("the line has " + fields + " fields, not " + count);
    }
  }

  String text(int field) {
    return new String(line, starts[field], ends[field] - starts[field], StandardCharsets.UTF_8)
        .strip();
  }

  /** A whole number from 0 to 2^31 - 1. */
  int whole(int field) {
    long value = 0;
    if (ends[field] - starts[field] > 10) {
      throw notANumber(field);
    }
    for (int i = starts[field]; i < ends[field]; i++) {
      int digit = line[i] - '0';
      if (digit < 0 || digit > 9) {
        throw notANumber(field);
      }
      value = 10 * value + digit;
    }
    if (value > Integer.MAX_VALUE) {
      throw notANumber(field);
    }
    return (int) value;
  }

  /** A finite number. */
  double real(int field) {
    try {
      double value = Double.parseDouble(text(field));
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw notANumber(field);
  }

  private UserError notANumber(int field) {
    byte[] shown =
        Arrays.copyOfRange(line, starts[field], Math.min(ends[field], starts[field] + 40));
    return wrong("'" + new String(shown, StandardCharsets.UTF_8) + "' is not a number here");
  }

  UserError wrong(String problem) {
    return new UserError(
        problem, where + " line " + number, "use the meta files of the release as they are");
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
