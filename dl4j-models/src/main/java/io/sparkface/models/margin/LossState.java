package io.sparkface.models.margin;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a margin remembers between batches, by name, for checkpoints and for workers to agree on.
 *
 * @param values one number per name
 */
public record LossState(SortedMap<String, Double> values) {
  /** Of margins that remember nothing. */
  public static final LossState EMPTY = new LossState(new TreeMap<>());

  public LossState {
    values = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /** A state of the given numbers. */
  public static LossState of(Map<String, Double> values) {
    return new LossState(new TreeMap<>(values));
  }

  /**
   * @throws IllegalArgumentException for a name this state does not have
   */
  public double get(String name) {
    Double value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no '" + name + "' in " + values.keySet());
    }
    return value;
  }

  /**
   * One state from those of several workers that saw batches of one size: the mean of each number.
   * For moving averages (CurricularFace, AdaFace) that is what one worker would have if it averaged
   * over all the batches of the step; AdaCos takes the mean of the scales.
   *
   * @throws IllegalArgumentException unless all hold the same names
   */
  public static LossState merge(List<LossState> workers) {
    LossState first = workers.get(0);
    SortedMap<String, Double> means = new TreeMap<>();
    for (LossState worker : workers) {
      if (!worker.values.keySet().equals(first.values.keySet())) {
        throw new IllegalArgumentException(
            "states of different margins: " + first + " and " + worker);
      }
      worker.values.forEach((name, v) -> means.merge(name, v / workers.size(), Double::sum));
    }
    return new LossState(means);
  }
}
