package io.sparkface.pipeline.align;

import java.io.Serializable;
import java.util.List;

/**
 * What became of a part's photos; written when its faces are.
 *
 * @param photos that were looked at
 * @param faces that were aligned
 * @param bytes of the aligned pictures
 * @param skipped photos that gave no face
 */
record PartReport(long photos, long faces, long bytes, List<Skipped> skipped)
    implements Serializable {

  /** A photo that gave no face, as a line of {@code skipped.jsonl}. */
  record Skipped(String photo, Cause cause, String reason) implements Serializable {}

  /** Why there is no face. */
  enum Cause {
    NO_FACE,
    UNREADABLE
  }

  long unreadable() {
    return skipped.stream().filter(one -> one.cause() == Cause.UNREADABLE).count();
  }
}
