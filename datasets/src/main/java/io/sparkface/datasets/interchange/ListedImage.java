package io.sparkface.datasets.interchange;

import java.util.Optional;

/**
 * One image of an {@link ImageList}.
 *
 * @param path as the list has it
 * @param label its class, not below 0
 * @param embedding a teacher's, where the list has them
 */
public record ListedImage(String path, int label, Optional<float[]> embedding) {
  /** Folder and file of the path: {@code identity/file}, as {@code FaceRecord.source} has it. */
  public String source() {
    String[] parts = path.replace('\\', '/').split("/");
    return parts.length < 2 ? path : parts[parts.length - 2] + "/" + parts[parts.length - 1];
  }
}
