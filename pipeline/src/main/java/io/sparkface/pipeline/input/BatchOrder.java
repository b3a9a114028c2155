package io.sparkface.pipeline.input;

import java.io.Serializable;
import java.util.Iterator;

/**
 * Which images make up which step of an epoch. The order depends on the seed and the epoch alone,
 * so that a run that is started again in the middle of an epoch meets the same batches.
 */
public interface BatchOrder extends Serializable {
  /** Steps of an epoch. */
  long steps();

  /** Images next to each other that must not be parted among workers. */
  default int together() {
    return 1;
  }

  /** The steps of {@code epoch}, made as they are asked for. */
  Iterator<BatchDescriptor> epoch(int epoch);
}
