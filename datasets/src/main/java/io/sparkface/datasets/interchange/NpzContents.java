package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * What a numpy {@code .npz} holds, from the headers of its members. Their values are passed over,
 * up to {@value #MOST_BYTES} bytes in all, and never taken for objects.
 */
public final class NpzContents {
  private static final int MOST_MEMBERS = 1000;
  private static final int LONGEST_HEADER = 1 << 16;
  private static final long MOST_BYTES = 1L << 40;
  private static final Pattern TYPE =
      Pattern.compile("'descr'\\s*:\\s*'([<>|=]?[a-zA-Z]\\d{0,9})'");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, ]*)\\)");

  private NpzContents() {}

  /**
   * An array.
   *
   * @param type numpy's name of it, such as {@code <f4}
   */
  public record Member(String name, String type, List<Long> shape) {}

  /**
   * @param where named in errors
   * @throws UserError when it is no npz, or too large for one
   */
  public static List<Member> read(InputStream in, String where) throws IOException {
    List<Member> members = new ArrayList<>();
    byte[] skipped = new byte[1 << 16];
    long bytes = 0;
    try (ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String member = where + " member " + members.size();
        if (members.size() >= MOST_MEMBERS) {
          throw wrong("more than " + MOST_MEMBERS + " arrays", where, null);
        }
        members.add(member(entry.getName(), zip, member));
        for (int read = zip.read(skipped); read >= 0; read = zip.read(skipped)) {
          bytes += read;
          if (bytes > MOST_BYTES) {
            throw wrong("more than " + MOST_BYTES + " bytes of values", member, null);
          }
        }
      }
    } catch (java.util.zip.ZipException | java.io.EOFException | IllegalArgumentException e) {
      throw wrong("the zip is damaged: " + e.getMessage(), where, e);
    }
    if (members.isEmpty()) {
      throw wrong("no zip, or an empty one", where, null);
    }
    return members;
  }

  private static Member member(String name, InputStream in, String where) throws IOException {
    byte[] start = in.readNBytes(10);
    boolean magic =
        start.length == 10
            && (start[0] & 255) == 0x93
            && new String(start, 1, 5, StandardCharsets.US_ASCII).equals("NUMPY");
    if (!magic || start[6] < 1 || start[6] > 3) {
      throw wrong("not an array in numpy's format", where, null);
    }
    long length = start[8] & 255 | (start[9] & 255) << 8;
    if (start[6] > 1) {
      byte[] upper = in.readNBytes(2);
      if (upper.length < 2) {
        throw wrong("the array's header is cut", where, null);
      }
      length |= (long) (upper[0] & 255) << 16 | (long) (upper[1] & 255) << 24;
    }
    if (length > LONGEST_HEADER) {
      throw wrong("the array's header claims " + length + " bytes", where, null);
    }
    byte[] header = in.readNBytes((int) length);
    String text = new String(header, StandardCharsets.ISO_8859_1);
    Matcher type = TYPE.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (header.length < length || !type.find() || !shape.find()) {
      throw wrong("the array's header names no simple type and shape", where, null);
    }
    if (type.group(1).endsWith("O")) {
      throw wrong("the array holds pickled Python objects, which are not read", where, null);
    }
    return new Member(name.replaceFirst("\\.npy$", ""), type.group(1), sizes(shape.group(1)));
  }

  private static List<Long> sizes(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(size -> !size.isEmpty())
        .map(Long::valueOf)
        .toList();
  }

  private static UserError wrong(String problem, String where, Throwable cause) {
    return new UserError(
        problem, where, "name an .npz of plain arrays, as numpy.savez writes", cause);
  }
}
