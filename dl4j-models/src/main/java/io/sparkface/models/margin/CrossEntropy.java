package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Softmax cross-entropy and its gradient in closed form: with p = softmax(l) and labels y' = y (1 -
 * smoothing) + smoothing / C, a row's loss is -Σ y' ln p and its derivative p - y'.
 */
final class CrossEntropy {
  private final INDArray logits;
  private final SoftLabels labels;
  private final double smoothing;
  private final double[] losses;

  /**
   * @param logits [N, C], turned into the gradient by {@link #toGradient}
   */
  CrossEntropy(INDArray logits, SoftLabels labels, double smoothing) {
    this.logits = logits;
    this.labels = labels;
    this.smoothing = smoothing;
    this.losses = new double[labels.rows()];
  }

  /** Overwrites the logits with the derivative of the summed loss; returns the loss per row. */
  double[] toGradient() {
    long classes = logits.size(1);
    double hit = 1 - smoothing;
    for (int i = 0; i < losses.length; i++) {
      losses[i] -= hit * labels.mainShare(i) * logits.getDouble(i, labels.main(i));
      if (labels.mixed(i)) {
        losses[i] -= hit * (1 - labels.share()[i]) * logits.getDouble(i, labels.second()[i]);
      }
    }
    if (smoothing > 0) {
      INDArray means = logits.mean(1);
      for (int i = 0; i < losses.length; i++) {
        losses[i] -= smoothing * means.getDouble(i);
      }
    }
    // ln Σ exp l = l_max - ln p_max, where nothing can underflow
    int[] top = logits.argMax(1).toIntVector();
    double[] most = new double[losses.length];
    for (int i = 0; i < losses.length; i++) {
      most[i] = logits.getDouble(i, top[i]);
    }
    Nd4j.exec(new SoftMax(logits, logits, 1));
    for (int i = 0; i < losses.length; i++) {
      losses[i] += most[i] - Math.log(logits.getDouble(i, top[i]));
      subtract(i, labels.main(i), hit * labels.mainShare(i));
      if (labels.mixed(i)) {
        subtract(i, labels.second()[i], hit * (1 - labels.share()[i]));
      }
    }
    if (smoothing > 0) {
      logits.subi(smoothing / classes);
    }
    return losses;
  }

  private void subtract(int row, int column, double value) {
    logits.putScalar(row, column, logits.getDouble(row, column) - value);
  }
}
