package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** What a loss does to the target's cosine before softmax. */
public sealed interface Margin permits ArcFace, CosFace {
  /**
   * The target logit before scaling.
   *
   * @param cosine [N, 1], within ±(1 - 1e-7)
   */
  SDVariable apply(SameDiff graph, SDVariable cosine);

  /** Factor on all cosines before softmax. */
  double scale();
}
