package io.sparkface.pipeline.prepare;

import java.io.Serializable;

/** What one place of the input holds. */
sealed interface Entry extends Serializable {
  /** An image with its person, not yet numbered. */
  record Good(
      String identity, long key, byte[] image, int width, int height, String source, String where)
      implements Entry {}

  /**
   * A record or file that is no image.
   *
   * @param where file and byte offset
   */
  record Bad(String where, String reason) implements Entry {}
}
