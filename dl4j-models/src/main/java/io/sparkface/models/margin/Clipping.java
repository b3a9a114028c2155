package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Cosines of all classes brought to ±(1 - 1e-3), as MagFace and AdaFace do. */
final class Clipping {
  static final double LIMIT = 1 - 1e-3;

  private Clipping() {}

  /** Clips in place and gives the derivative: 1 inside, 0 outside. */
  static INDArray clip(INDArray cosines) {
    INDArray slopes = Transforms.abs(cosines, true).lte(LIMIT).castTo(cosines.dataType());
    Transforms.max(cosines, -LIMIT, false);
    Transforms.min(cosines, LIMIT, false);
    return slopes;
  }
}
