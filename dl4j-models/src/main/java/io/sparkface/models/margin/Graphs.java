package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;

/** SameDiff pieces several margins need. */
final class Graphs {
  private Graphs() {}

  /** {@code yes} where the condition holds, else {@code no}; both must be finite everywhere. */
  static SDVariable choose(SDVariable condition, SDVariable yes, SDVariable no) {
    SDVariable one = condition.castTo(yes.dataType());
    return one.mul(yes).add(one.rsub(1.0).mul(no));
  }
}
