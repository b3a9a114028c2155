package io.sparkface.pipeline.detect;

import io.sparkface.base.UserError;
import java.io.Serializable;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How faces are looked for.
 *
 * @param leastScore score of a face, 0 to 1; NaN for the detector family's own
 * @param mostOverlap intersection over union above which the weaker of two boxes goes; NaN for the
 *     family's own
 * @param side pixels of the longer side that photos are scaled to, for networks that take any size;
 *     0 for the family's own
 */
public record Detection(double leastScore, double mostOverlap, int side) implements Serializable {
  /** What each family's authors use. */
  public static final Detection AS_PUBLISHED = new Detection(Double.NaN, Double.NaN, 0);

  /**
   * @throws UserError when a number cannot be meant
   */
  public Detection {
    if (leastScore < 0 || leastScore > 1) {
      throw new UserError("a score is 0 to 1", "--min-score " + leastScore, "name such a number");
    }
    if (mostOverlap < 0 || mostOverlap > 1) {
      throw new UserError("an overlap is 0 to 1", "--nms " + mostOverlap, "name such a number");
    }
    if (side != 0 && (side < 32 || side > 8192)) {
      throw new UserError(
          "photos are looked at with 32 to 8192 pixels a side",
          "--detect-size " + side,
          "name such a number");
    }
  }

  OptionalDouble ownLeastScore() {
    return Double.isNaN(leastScore) ? OptionalDouble.empty() : OptionalDouble.of(leastScore);
  }

  OptionalDouble ownMostOverlap() {
    return Double.isNaN(mostOverlap) ? OptionalDouble.empty() : OptionalDouble.of(mostOverlap);
  }

  OptionalInt ownSide() {
    return side == 0 ? OptionalInt.empty() : OptionalInt.of(side);
  }
}
