package io.sparkface.models.optim;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * An updater that keeps a fixed number of numbers per weight, all zero at first: DL4J's state array
 * is the first of them for every weight, then the second for every weight, and so on.
 */
abstract class SlottedUpdater implements IUpdater {
  private static final long serialVersionUID = 1L;

  private double learningRate;
  private ISchedule learningRateSchedule;

  /** For JSON. */
  SlottedUpdater() {}

  SlottedUpdater(ISchedule schedule) {
    learningRate = Double.NaN;
    learningRateSchedule = schedule;
  }

  /** Numbers kept per weight. */
  abstract int slots();

  /**
   * Turns gradients into what is to be taken off the weights.
   *
   * @param gradient [n], overwritten
   * @param slots {@link #slots} arrays [n], written
   */
  abstract void update(INDArray gradient, INDArray[] slots, double rate, int iteration);

  abstract SlottedUpdater copy();

  @Override
  public final SlottedUpdater clone() {
    SlottedUpdater copy = copy();
    copy.setLrAndSchedule(
        learningRate, learningRateSchedule == null ? null : learningRateSchedule.clone());
    return copy;
  }

  @Override
  public final long stateSize(long weights) {
    return slots() * weights;
  }

  @Override
  public final GradientUpdater<?> instantiate(INDArray view, boolean initialise) {
    Slots slots = new Slots(this);
    slots.setStateViewArray(view, null, 'c', initialise);
    return slots;
  }

  @Override
  public final GradientUpdater<?> instantiate(Map<String, INDArray> state, boolean initialise) {
    Slots slots = new Slots(this);
    slots.setState(state, initialise);
    return slots;
  }

  @Override
  public final double getLearningRate(int iteration, int epoch) {
    return learningRateSchedule == null
        ? learningRate
        : learningRateSchedule.valueAt(iteration, epoch);
  }

  @Override
  public final boolean hasLearningRate() {
    return true;
  }

  @Override
  public final void setLrAndSchedule(double rate, ISchedule schedule) {
    learningRate = rate;
    learningRateSchedule = schedule;
  }

  @Override
  public boolean equals(Object other) {
    return other != null
        && other.getClass() == getClass()
        && Double.compare(learningRate, ((SlottedUpdater) other).learningRate) == 0
        && Objects.equals(learningRateSchedule, ((SlottedUpdater) other).learningRateSchedule);
  }

  @Override
  public int hashCode() {
    return Objects.hash(getClass(), learningRate, learningRateSchedule);
  }

  /** The state of one block of weights. */
  private static final class Slots implements GradientUpdater<SlottedUpdater> {
    private final SlottedUpdater config;
    private final INDArray[] slots;

    Slots(SlottedUpdater config) {
      this.config = config;
      this.slots = new INDArray[config.slots()];
    }

    @Override
    public SlottedUpdater getConfig() {
      return config;
    }

    @Override
    public void setState(Map<String, INDArray> state, boolean initialise) {
      for (int i = 0; i < slots.length; i++) {
        slots[i] = Objects.requireNonNull(state.get(Integer.toString(i)));
        if (initialise) {
          slots[i].assign(0);
        }
      }
    }

    @Override
    public Map<String, INDArray> getState() {
      Map<String, INDArray> state = new HashMap<>();
      for (int i = 0; i < slots.length; i++) {
        state.put(Integer.toString(i), slots[i]);
      }
      return state;
    }

    @Override
    public void setStateViewArray(
        INDArray view, long[] gradientShape, char gradientOrder, boolean initialise) {
      if (initialise) {
        view.assign(0);
      }
      INDArray flat = view.reshape(view.length());
      long weights = flat.length() / slots.length;
      for (int i = 0; i < slots.length; i++) {
        slots[i] = flat.get(NDArrayIndex.interval(i * weights, (i + 1) * weights));
      }
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      config.update(gradient, slots, config.getLearningRate(iteration, epoch), iteration);
    }
  }
}
