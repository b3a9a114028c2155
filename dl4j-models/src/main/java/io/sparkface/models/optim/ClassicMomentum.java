package io.sparkface.models.optim;

import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.kernels.Momentum;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.ISchedule;

/** v ← μv - ηg; w ← w + v. DL4J's own momentum is Nesterov's. */
public final class ClassicMomentum extends SlottedUpdater {
  private static final long serialVersionUID = 1L;

  private double momentum;

  /** By weights of a block; a configuration is also read from bytes, and then has none. */
  private transient Map<Long, Momentum> kernels;

  /** For JSON. */
  ClassicMomentum() {}

  /**
   * @param rate η
   * @param momentum μ
   */
  public ClassicMomentum(ISchedule rate, double momentum) {
    super(rate);
    this.momentum = momentum;
  }

  @Override
  int slots() {
    return 1;
  }

  @Override
  void update(INDArray gradient, INDArray[] slots, double rate, int iteration) {
    if (kernels == null) {
      kernels = new HashMap<>();
    }
    kernels
        .computeIfAbsent(
            gradient.length(),
            length -> Kernels.forType(gradient.dataType()).momentum(length, momentum))
        .step(gradient, slots[0], rate);
  }

  @Override
  SlottedUpdater copy() {
    return new ClassicMomentum(null, momentum);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other) && momentum == ((ClassicMomentum) other).momentum;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Double.hashCode(momentum);
  }
}
