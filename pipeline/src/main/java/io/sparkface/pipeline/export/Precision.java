package io.sparkface.pipeline.export;

import java.util.Locale;

/** What an exported network computes in, and how far its embeddings may be from the source's. */
public enum Precision {
  /** Every number within 1e-4 of the largest. */
  FLOAT32(0.999999),
  /** Half precision inside; inputs and outputs stay float32. */
  FLOAT16(0.999),
  /** 8-bit integers inside, with ranges calibrated on given faces. */
  INT8(0.99),
  /** 8-bit kernels, which are brought back to float32 to compute with. */
  INT8_WEIGHTS(0.99);

  private final double leastCosine;

  Precision(double leastCosine) {
    this.leastCosine = leastCosine;
  }

  /** As options and cards name it, such as {@code int8_weights}. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether normalisations are folded whatever the caller wants, as kernels are rounded. */
  boolean folds() {
    return this == INT8 || this == INT8_WEIGHTS;
  }

  /** The least cosine between an embedding and the source's of the same picture. */
  public double leastCosine() {
    return leastCosine;
  }
}
