package io.sparkface.datasets.recordio;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * The {@code .idx} beside a {@code .rec}: one line {@code key TAB offset} a record (spec 1.3), in
 * any order. 16 bytes a record in memory.
 *
 * @param offsets of the records, ascending
 * @param keys of the records, in the same order
 */
public record RecordIndex(long[] offsets, long[] keys) implements Serializable {
  private static final int MOST_RECORDS = 200_000_000;
  private static final int LONGEST_LINE = 64;

  /** The index of a file that has none. */
  public static RecordIndex none() {
    return new RecordIndex(new long[0], new long[0]);
  }

  /** Parses an index; a {@link UserError} names the first line that is wrong. */
  public static RecordIndex read(InputStream in, String where) throws IOException {
    long[] offsets = new long[1024];
    long[] keys = new long[1024];
    int size = 0;
    Lines lines = new Lines(in);
    long number = 0;
    for (String line = lines.next(); line != null; line = lines.next()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String text = line.strip();
      int tab = text.indexOf('\t');
      try {
        if (tab < 0 || line.length() > LONGEST_LINE || size == MOST_RECORDS) {
          throw new NumberFormatException("not two columns");
        }
        if (size == offsets.length) {
          offsets = Arrays.copyOf(offsets, 2 * size);
          keys = Arrays.copyOf(keys, 2 * size);
        }
        keys[size] = Long.parseLong(text, 0, tab, 10);
        offsets[size] = Long.parseLong(text, tab + 1, text.length(), 10);
        if (offsets[size] < 0) {
          throw new NumberFormatException("the offset is negative");
        }
        size++;
      } catch (NumberFormatException e) {
        throw wrong("not a line of an index: " + e.getMessage(), where + " line " + number, e);
      }
    }
    return sorted(Arrays.copyOf(offsets, size), Arrays.copyOf(keys, size), where);
  }

  /** Lines of ASCII, found in a buffer, as a set has millions. */
  private static final class Lines {
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int from;
    private int to;

    Lines(InputStream in) {
      this.in = in;
    }

    /** The next line, or as much of it as shows that it is too long; null at the end. */
    String next() throws IOException {
      if (to - from <= LONGEST_LINE) {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
        to += in.readNBytes(buffer, to, buffer.length - to);
      }
      if (from == to) {
        return null;
      }
      int most = Math.min(to, from + LONGEST_LINE + 1);
      int end = from;
      while (end < most && buffer[end] != '\n') {
        end++;
      }
      String line = new String(buffer, from, end - from, StandardCharsets.US_ASCII);
      from = Math.min(to, end + 1);
      return line;
    }
  }

  private static RecordIndex sorted(long[] offsets, long[] keys, String where) {
    long[] inOrder = offsets.clone();
    Arrays.sort(inOrder);
    long[] theirKeys = keys.clone();
    if (!Arrays.equals(inOrder, offsets)) {
      for (int i = 0; i < keys.length; i++) {
        theirKeys[Arrays.binarySearch(inOrder, offsets[i])] = keys[i];
      }
    }
    requireDistinct(inOrder, "two records are at byte ", where);
    long[] sortedKeys = keys.clone();
    Arrays.sort(sortedKeys);
    requireDistinct(sortedKeys, "two records have the key ", where);
    return new RecordIndex(inOrder, theirKeys);
  }

  private static void requireDistinct(long[] ascending, String problem, String where) {
    for (int i = 1; i < ascending.length; i++) {
      if (ascending[i] == ascending[i - 1]) {
        throw wrong(problem + ascending[i], where, null);
      }
    }
  }

  private static UserError wrong(String problem, String where, Throwable cause) {
    return new UserError(
        problem,
        where,
        "make the .idx again, or take it away: the .rec is then read without one",
        cause);
  }

  public int size() {
    return offsets.length;
  }

  /** The records that start from byte {@code start} on and before {@code end}. */
  public RecordIndex slice(long start, long end) {
    int from = place(start);
    int to = place(end);
    return new RecordIndex(
        Arrays.copyOfRange(offsets, from, to), Arrays.copyOfRange(keys, from, to));
  }

  private int place(long offset) {
    int found = Arrays.binarySearch(offsets, offset);
    return found >= 0 ? found : -found - 1;
  }

  /** Key of the record that starts at {@code offset}. */
  public OptionalLong key(long offset) {
    int found = Arrays.binarySearch(offsets, offset);
    return found < 0 ? OptionalLong.empty() : OptionalLong.of(keys[found]);
  }

  /** Where the record of {@code key} starts. */
  public OptionalLong offset(long key) {
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] == key) {
        return OptionalLong.of(offsets[i]);
      }
    }
    return OptionalLong.empty();
  }
}
