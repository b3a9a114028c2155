package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/** Losses on plain logits x·W rather than cosines (spec 4.1). */
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "@class")
public sealed interface SoftmaxLoss extends java.io.Serializable
    permits SoftmaxLoss.Plain, MarginSoftmax {
  /**
   * Overwrites logits [N, C] with the gradient of the summed loss.
   *
   * @return the loss of each row
   */
  double[] overwrite(INDArray logits, SoftLabels labels);

  /**
   * Cross-entropy.
   *
   * @param labelSmoothing share of each label spread over all classes, usually 0 or 0.1
   */
  record Plain(double labelSmoothing) implements SoftmaxLoss {
    @Override
    public double[] overwrite(INDArray logits, SoftLabels labels) {
      return new CrossEntropy(logits, labels, labelSmoothing).toGradient();
    }
  }
}
