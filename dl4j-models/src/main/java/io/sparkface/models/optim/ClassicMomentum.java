package io.sparkface.models.optim;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.same.Negative;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.ISchedule;

/** v ← μv - ηg; w ← w + v. DL4J's own momentum is Nesterov's. */
public final class ClassicMomentum extends SlottedUpdater {
  private static final long serialVersionUID = 1L;

  private double momentum;

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
    INDArray velocity = slots[0];
    velocity.muli(momentum).subi(gradient.muli(rate));
    Nd4j.getExecutioner().exec(new Negative(velocity, gradient));
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
