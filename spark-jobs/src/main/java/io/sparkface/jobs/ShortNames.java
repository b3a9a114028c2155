package io.sparkface.jobs;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names of directories for results of paths: as much of each path's end as tells it apart. */
final class ShortNames {
  /** Directories of models in a run: they say nothing without the run's name. */
  private static final List<String> OF_EVERY_RUN = List.of("best", "model");

  private ShortNames() {}

  /**
   * {@code run1/best} and {@code run2/best} are run1-best and run2-best, {@code a/b.onnx} b.onnx.
   */
  static Map<String, String> of(List<String> paths) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String path : paths) {
      int parts = OF_EVERY_RUN.contains(end(path, 1)) ? 2 : 1;
      int all = parts(path).length;
      while (parts < all && isShared(path, parts, paths)) {
        parts++;
      }
      names.put(path, end(path, parts));
    }
    return names;
  }

  private static boolean isShared(String path, int parts, List<String> paths) {
    return paths.stream()
        .anyMatch(other -> !other.equals(path) && end(other, parts).equals(end(path, parts)));
  }

  private static String end(String path, int count) {
    String[] parts = parts(path);
    return String.join(
        "-", Arrays.copyOfRange(parts, Math.max(0, parts.length - count), parts.length));
  }

  private static String[] parts(String path) {
    return Arrays.stream(path.split("[^\\p{L}\\p{N}._-]+"))
        .filter(part -> !part.isEmpty())
        .toArray(String[]::new);
  }
}
