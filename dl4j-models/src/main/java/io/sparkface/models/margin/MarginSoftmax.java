package io.sparkface.models.margin;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A margin on softmax probabilities (spec 4.1): the target's p becomes f(p), everything is
 * multiplied by {@code scaleAll}, rows are brought to sum 1 again and clipped to [1e-7, 1 - 1e-7],
 * then -ln. f(p) = p^power where scale is 0, p * scale where power is 1, else (p^power + p * scale)
 * / 2.
 *
 * @param power usually 2
 * @param scale usually 0.4
 * @param scaleAll usually 1; it cancels in the sum
 */
public record MarginSoftmax(double power, double scale, double scaleAll) implements SoftmaxLoss {
  private static final double LEAST = 1e-7;

  @Override
  public double[] overwrite(INDArray logits, SoftLabels labels) {
    int n = labels.rows();
    logits.subiColumnVector(logits.max(1));
    Transforms.exp(logits, false);
    logits.diviColumnVector(logits.sum(1));
    double[] losses = new double[n];
    for (int i = 0; i < n; i++) {
      losses[i] =
          labels.mixed(i)
              ? row(
                  logits.getRow(i),
                  new int[] {labels.first()[i], labels.second()[i]},
                  new double[] {labels.share()[i], 1 - labels.share()[i]})
              : row(logits.getRow(i), new int[] {labels.main(i)}, new double[] {1});
    }
    return losses;
  }

  /**
   * With S = Σ q: loss = -Σ y ln(q / S), so dloss/dq = Σy/S - y/q for unclipped targets, and
   * dloss/dlogit = p (dloss/dp - Σ p dloss/dp).
   */
  private double row(INDArray p, int[] targets, double[] weights) {
    double sum = scaleAll;
    for (int target : targets) {
      double own = p.getDouble(target);
      sum += scaleAll * (f(own) - own);
    }
    double loss = 0;
    double pull = 0;
    double[] own = new double[targets.length];
    double[] push = new double[targets.length];
    for (int k = 0; k < targets.length; k++) {
      own[k] = p.getDouble(targets[k]);
      double q = scaleAll * f(own[k]);
      double share = q / sum;
      loss -= weights[k] * Math.log(Math.min(Math.max(share, LEAST), 1 - LEAST));
      if (share >= LEAST && share <= 1 - LEAST) {
        pull += weights[k] / sum;
        push[k] = weights[k] / q;
      }
    }
    // dloss/dp: pull * scaleAll elsewhere, (pull - push) * scaleAll * f'(p) at the targets
    double mean = pull * scaleAll;
    double[] byP = new double[targets.length];
    for (int k = 0; k < targets.length; k++) {
      byP[k] = (pull - push[k]) * scaleAll * slope(own[k]);
      mean += own[k] * (byP[k] - pull * scaleAll);
    }
    p.muli(pull * scaleAll - mean);
    for (int k = 0; k < targets.length; k++) {
      p.putScalar(targets[k], own[k] * (byP[k] - mean));
    }
    return loss;
  }

  private double f(double p) {
    if (scale == 0) {
      return Math.pow(p, power);
    }
    return power == 1 ? p * scale : (Math.pow(p, power) + p * scale) / 2;
  }

  private double slope(double p) {
    double steep = power * Math.pow(p, power - 1);
    if (scale == 0) {
      return steep;
    }
    return power == 1 ? scale : (steep + scale) / 2;
  }
}
