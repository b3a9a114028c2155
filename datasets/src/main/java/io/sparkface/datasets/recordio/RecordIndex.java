package io.sparkface.datasets.recordio;

import io.sparkface.base.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.OptionalLong;

/** The {@code .idx} beside a {@code .rec}: one line {@code key TAB offset} a record (spec 1.3). */
public final class RecordIndex implements java.io.Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_RECORDS = 200_000_000;
  private static final int LONGEST_LINE = 64;

  private final HashMap<Long, Long> keyByOffset;

  private RecordIndex(HashMap<Long, Long> keyByOffset) {
    this.keyByOffset = keyByOffset;
  }

  /** The index of a file that has none. */
  public static RecordIndex none() {
    return new RecordIndex(new HashMap<>());
  }

  /** Parses an index; a {@link UserError} names the first line that is wrong. */
  public static RecordIndex read(InputStream in, String where) throws IOException {
    HashMap<Long, Long> keys = new HashMap<>();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
    long number = 0;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String[] parts = line.length() > LONGEST_LINE ? new String[0] : line.strip().split("\t", -1);
      try {
        if (parts.length != 2 || keys.size() >= MOST_RECORDS) {
          throw new NumberFormatException("not two columns");
        }
        long offset = Long.parseLong(parts[1]);
        if (offset < 0 || keys.put(offset, Long.parseLong(parts[0])) != null) {
          throw new NumberFormatException("offset used twice or negative");
        }
      } catch (NumberFormatException e) {
        throw new UserError(
            "not a line of an index: " + e.getMessage(),
            where + " line " + number,
            "make the .idx again, or take it away: the .rec is then read without one",
            e);
      }
    }
    return new RecordIndex(keys);
  }

  public int size() {
    return keyByOffset.size();
  }

  /** Key of the record that starts at {@code offset}. */
  public OptionalLong key(long offset) {
    Long key = keyByOffset.get(offset);
    return key == null ? OptionalLong.empty() : OptionalLong.of(key);
  }
}
