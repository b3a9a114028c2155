package io.sparkface.pipeline.export;

/** What an exported network computes in, and how far its embeddings may be from the source's. */
public enum Precision {
  /** Every number within 1e-4 of the largest. */
  FLOAT32(0.999999),
  /** Half precision inside; inputs and outputs stay float32. */
  FLOAT16(0.999),
  /** 8-bit integers inside, with ranges calibrated on given faces. */
  INT8(0.99);

  private final double leastCosine;

  Precision(double leastCosine) {
    this.leastCosine = leastCosine;
  }

  /** The least cosine between an embedding and the source's of the same picture. */
  public double leastCosine() {
    return leastCosine;
  }
}
