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
 * Lookahead around another updater. An updater never sees the weights, so it keeps how far the fast
 * weights are from the slow ones, d: every {@code period} steps the weights go back by (1 -
 * slowStep) d and d becomes 0, which is where the slow weights would be.
 */
public final class SlowWeights implements IUpdater {
  private static final long serialVersionUID = 1L;
  private static final String DISTANCE = "distance";

  private IUpdater inner;
  private int period;
  private double slowStep;

  /** For JSON. */
  SlowWeights() {}

  /** See {@link Optimiser.Lookahead}. */
  public SlowWeights(IUpdater inner, int period, double slowStep) {
    this.inner = inner;
    this.period = period;
    this.slowStep = slowStep;
  }

  @Override
  public long stateSize(long weights) {
    return inner.stateSize(weights) + weights;
  }

  @Override
  public GradientUpdater<?> instantiate(INDArray view, boolean initialise) {
    Synchronised updater = new Synchronised(this);
    updater.setStateViewArray(view, null, 'c', initialise);
    return updater;
  }

  @Override
  public GradientUpdater<?> instantiate(Map<String, INDArray> state, boolean initialise) {
    Synchronised updater = new Synchronised(this);
    updater.setState(state, initialise);
    return updater;
  }

  @Override
  public SlowWeights clone() {
    return new SlowWeights(inner.clone(), period, slowStep);
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return inner.getLearningRate(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return inner.hasLearningRate();
  }

  @Override
  public void setLrAndSchedule(double rate, ISchedule schedule) {
    inner.setLrAndSchedule(rate, schedule);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SlowWeights that
        && inner.equals(that.inner)
        && period == that.period
        && slowStep == that.slowStep;
  }

  @Override
  public int hashCode() {
    return Objects.hash(inner, period, slowStep);
  }

  private static final class Synchronised implements GradientUpdater<SlowWeights> {
    private final SlowWeights config;
    private GradientUpdater<?> inner;
    private INDArray distance;

    Synchronised(SlowWeights config) {
      this.config = config;
    }

    @Override
    public SlowWeights getConfig() {
      return config;
    }

    @Override
    public void setState(Map<String, INDArray> state, boolean initialise) {
      Map<String, INDArray> rest = new HashMap<>(state);
      distance = Objects.requireNonNull(rest.remove(DISTANCE));
      if (initialise) {
        distance.assign(0);
      }
      inner = config.inner.instantiate(rest, initialise);
    }

    @Override
    public Map<String, INDArray> getState() {
      Map<String, INDArray> state = new HashMap<>(inner.getState());
      state.put(DISTANCE, distance);
      return state;
    }

    @Override
    public void setStateViewArray(
        INDArray view, long[] gradientShape, char gradientOrder, boolean initialise) {
      INDArray flat = view.reshape(view.length());
      long slots = config.inner.stateSize(1);
      long split = flat.length() / (slots + 1) * slots;
      // DL4J's stateless updaters take no array at all
      INDArray own = split == 0 ? null : flat.get(NDArrayIndex.interval(0, split));
      inner = config.inner.instantiate(own, initialise && own != null);
      distance = flat.get(NDArrayIndex.interval(split, flat.length()));
      if (initialise) {
        distance.assign(0);
      }
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      inner.applyUpdater(gradient, iteration, epoch);
      if ((iteration + 1) % config.period != 0) {
        distance.subi(gradient);
        return;
      }
      // from slow + distance to slow + slowStep (distance - gradient)
      gradient.muli(config.slowStep).addi(distance.mul(1 - config.slowStep));
      distance.assign(0);
    }
  }
}
