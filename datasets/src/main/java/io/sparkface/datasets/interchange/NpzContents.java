package io.sparkface.datasets.interchange;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * What a numpy {@code .npz} holds, from the headers of its members. Their values are passed over,
 * up to {@value #MOST_BYTES} bytes in all, and never taken for objects.
 */
public final class NpzContents {
  private static final int MOST_MEMBERS = 1000;
  private static final long MOST_BYTES = 1L << 40;

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
    NpyHeader header = NpyHeader.read(in, where);
    return new Member(name.replaceFirst("\\.npy$", ""), header.type(), header.shape());
  }

  private static UserError wrong(String problem, String where, Throwable cause) {
    return new UserError(
        problem, where, "name an .npz of plain arrays, as numpy.savez writes", cause);
  }
}
