package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Which identities are taken.
 *
 * @param include their names; empty for all
 * @param exclude names of those that are not
 * @param leastImages that one must have
 * @param limit how many are taken, in the order of labels; 0 for all
 */
public record FaceSelection(Set<String> include, Set<String> exclude, long leastImages, int limit)
    implements Serializable {
  /** Everyone. */
  public static final FaceSelection ALL = new FaceSelection(Set.of(), Set.of(), 1, 0);

  private static final int MOST_NAMES = 50_000_000;

  /** Whether the lists of names allow an identity. */
  boolean allows(String identity) {
    return (include.isEmpty() || include.contains(identity)) && !exclude.contains(identity);
  }

  /**
   * Those of {@code inOrder} that are taken.
   *
   * @param images of each identity
   * @throws UserError when no one is left
   */
  List<String> of(Collection<String> inOrder, Map<String, Long> images) {
    List<String> taken =
        inOrder.stream()
            .filter(name -> images.getOrDefault(name, 0L) >= leastImages)
            .limit(limit == 0 ? Long.MAX_VALUE : limit)
            .toList();
    if (taken.isEmpty()) {
      throw new UserError(
          "of " + images.size() + " identities none is selected",
          "--min-images, --include, --exclude",
          "select fewer away");
    }
    return taken;
  }

  /** Reads a list of identities, one a line. */
  public static Set<String> names(String file, Configuration hadoop) throws IOException {
    Path path = new Path(file);
    FileSystem fs = path.getFileSystem(hadoop);
    if (!fs.exists(path)) {
      throw new UserError("there is no such list of identities", file, "check the path");
    }
    Set<String> names = new TreeSet<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(fs.open(path), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          names.add(line.strip());
        }
        if (names.size() > MOST_NAMES) {
          throw new UserError("more than " + MOST_NAMES + " names", file, "check the file");
        }
      }
    }
    if (names.isEmpty()) {
      throw new UserError("the list of identities is empty", file, "write one name a line");
    }
    return names;
  }
}
