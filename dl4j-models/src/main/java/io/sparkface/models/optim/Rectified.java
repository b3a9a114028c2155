package io.sparkface.models.optim;

import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Rectified Adam. With t steps taken, L∞ = 2 / (1 - β2) - 1 and L = L∞ - 2t β2^t / (1 - β2^t):
 * while L is below the threshold w ← w - η m̂, then w ← w - η r m̂ / (√v̂ + ε) with r² = (L - 4)(L
 * - 2)L∞ / ((L∞ - 4)(L∞ - 2)L).
 */
public final class Rectified extends SlottedUpdater {
  private static final long serialVersionUID = 1L;

  private double beta1;
  private double beta2;
  private double epsilon;
  private double threshold;

  /** For JSON. */
  Rectified() {}

  /** See {@link Optimiser.RectifiedAdam}. */
  public Rectified(ISchedule rate, double beta1, double beta2, double epsilon, double threshold) {
    super(rate);
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.threshold = threshold;
  }

  @Override
  int slots() {
    return 2;
  }

  @Override
  void update(INDArray gradient, INDArray[] slots, double rate, int iteration) {
    INDArray m = slots[0];
    INDArray v = slots[1];
    double t = iteration + 1.0;
    m.muli(beta1).addi(gradient.mul(1 - beta1));
    v.muli(beta2).addi(gradient.muli(gradient).muli(1 - beta2));
    double step = rate / (1 - Math.pow(beta1, t));
    double most = 2 / (1 - beta2) - 1;
    double power = Math.pow(beta2, t);
    double length = most - 2 * t * power / (1 - power);
    if (length < threshold) {
      gradient.assign(m).muli(step);
      return;
    }
    double r = Math.sqrt((length - 4) / (most - 4) * (length - 2) / (most - 2) * most / length);
    gradient.assign(v).divi(1 - power);
    Transforms.sqrt(gradient, false).addi(epsilon);
    gradient.rdivi(m).muli(step * r);
  }

  @Override
  SlottedUpdater copy() {
    return new Rectified(null, beta1, beta2, epsilon, threshold);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof Rectified that
        && beta1 == that.beta1
        && beta2 == that.beta2
        && epsilon == that.epsilon
        && threshold == that.threshold;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), beta1, beta2, epsilon, threshold);
  }
}
