package io.sparkface.models.kernels;

/** What turns the last numbers of a squeeze-and-excite block into factors between 0 and 1. */
public enum Gate {
  /** 1 / (1 + exp(-x)). */
  SIGMOID,
  /** min(max(x + 3, 0), 6) / 6, MobileNet V3's. */
  HARD_SIGMOID,
  /** min(max(0.2 x + 0.5, 0), 1): Keras 2's hard_sigmoid. */
  STEEP_HARD_SIGMOID
}
