package io.sparkface.pipeline.train;

import io.sparkface.pipeline.input.FaceBatch;
import io.sparkface.pipeline.input.Seeds;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The steps until the run is cut next, or is asked to end. Before each one the random generator is
 * set by the plan's seed and the step, so that dropout is the same however often the run was
 * started again.
 */
final class Steps implements Iterator<FaceBatch> {
  private final Iterator<FaceBatch> batches;
  private final long seed;
  private final StopRequest stop;
  private final long end;
  private long step;
  private FaceBatch current;

  /**
   * @param first steps taken before, over all stages
   * @param end steps taken when these are done
   */
  Steps(Iterator<FaceBatch> batches, long seed, StopRequest stop, long first, long end) {
    this.batches = batches;
    this.seed = seed;
    this.stop = stop;
    this.step = first;
    this.end = end;
  }

  @Override
  public boolean hasNext() {
    return step < end && !stop.made();
  }

  @Override
  public FaceBatch next() {
    if (step >= end) {
      throw new NoSuchElementException();
    }
    current = batches.next();
    Nd4j.getRandom().setSeed(Seeds.of(seed, step));
    step++;
    return current;
  }

  /** The batch of the step that is being computed. */
  FaceBatch current() {
    return current;
  }
}
