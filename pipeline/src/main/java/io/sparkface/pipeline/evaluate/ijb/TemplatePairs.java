package io.sparkface.pipeline.evaluate.ijb;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Pairs of templates to compare, as columns: a release has up to 16 million.
 *
 * @param first template of each pair
 * @param second template of each pair
 * @param same the pairs of one person
 */
public record TemplatePairs(int[] first, int[] second, BitSet same) {
  public int size() {
    return first.length;
  }

  /**
   * Reads a {@code template_pair_label.txt}: two templates and 0 or 1 a line.
   *
   * @throws UserError when it is not there, or a line is no such
   */
  static TemplatePairs read(Path file, Configuration hadoop) throws IOException {
    FileSystem fs = file.getFileSystem(hadoop);
    if (!fs.exists(file)) {
      throw new UserError(
          "there is no list of pairs", file.toString(), "copy the release's meta files there");
    }
    int[] first = new int[1 << 12];
    int[] second = new int[1 << 12];
    BitSet same = new BitSet();
    int size = 0;
    try (MetaLines lines = new MetaLines(fs.open(file), file.toString(), ' ')) {
      while (lines.next()) {
        lines.require(3);
        if (size == first.length) {
          first = Arrays.copyOf(first, Math.multiplyExact(2, size));
          second = Arrays.copyOf(second, first.length);
        }
        first[size] = lines.whole(0);
        second[size] = lines.whole(1);
        int label = lines.whole(2);
        if (label > 1) {
          throw lines.wrong("the label " + label + " is neither 0 nor 1");
        }
        same.set(size++, label == 1);
      }
    }
    if (size == 0) {
      throw new UserError("the list has no pair", file.toString(), "copy the release again");
    }
    return new TemplatePairs(Arrays.copyOf(first, size), Arrays.copyOf(second, size), same);
  }
}
