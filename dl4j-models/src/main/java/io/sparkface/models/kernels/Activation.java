package io.sparkface.models.kernels;

/** What follows a normalisation. */
public enum Activation {
  /** y = x. */
  NONE,
  /** y = max(x, 0). */
  RELU,
  /** y = min(max(x, 0), 6). */
  RELU6,
  /** y = x for x &gt; 0, else alpha[channel] * x. */
  PRELU,
  /** y = x * sigmoid(x). */
  SWISH;

  /** Learnt values per channel. */
  public int parametersPerChannel() {
    return this == PRELU ? 1 : 0;
  }
}
