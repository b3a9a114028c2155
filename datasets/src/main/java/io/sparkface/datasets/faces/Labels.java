package io.sparkface.datasets.faces;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The label of every image of a set, without its pixels: 4 bytes an image.
 *
 * @param identities of the set
 * @param groups labels per row group, in the order of {@link FaceSet#rowGroups()}
 */
public record Labels(int identities, List<int[]> groups) {

  /**
   * Reads the label column.
   *
   * @throws UserError when a file cannot be read
   */
  public static Labels of(FaceSet faces, Configuration hadoop) {
    try {
      return read(faces, hadoop);
    } catch (IOException e) {
      throw new UserError(
          "the labels cannot be read: " + e.getMessage(),
          faces.toString(),
          "check the path and run prepare again",
          e);
    }
  }

  private static Labels read(FaceSet faces, Configuration hadoop) throws IOException {
    List<int[]> groups = new ArrayList<>();
    for (String path : faces.files()) {
      try (FaceFile file = FaceFile.openLabels(new Path(path), hadoop)) {
        for (int group = 0; group < file.rowGroupCount(); group++) {
          groups.add(file.labels(group));
        }
      }
    }
    return new Labels(faces.identities(), groups);
  }

  /** Images of each identity. */
  public int[] counts() {
    int[] counts = new int[identities];
    for (int[] labels : groups) {
      for (int label : labels) {
        counts[label]++;
      }
    }
    return counts;
  }
}
