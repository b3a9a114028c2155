package io.sparkface.models.margin;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * c - m (Wang et al., 2018; spec 4.2).
 *
 * @param m taken off the cosine
 */
public record CosFace(double m, double scale) implements Margin {
  @Override
  public SDVariable apply(SameDiff graph, SDVariable cosine) {
    return cosine.sub(m);
  }
}
