package io.sparkface.models.margin;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;

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

  /** A state of the same names with the values of [size], in the order of the names. */
  LossState readFrom(INDArray array) {
    SortedMap<String, Double> read = new TreeMap<>();
    for (String name : values.keySet()) {
      read.put(name, array.getDouble(read.size()));
    }
    return new LossState(read);
  }

  /** Writes the values into [size], in the order of the names. */
  void writeTo(INDArray array) {
    int i = 0;
    for (double value : values.values()) {
      array.putScalar(i++, value);
    }
  }
}
