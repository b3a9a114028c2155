package io.sparkface.models.kernels;

/** What follows a normalisation. */
public enum Activation {
  /** y = x. */
  NONE,
  /** y = max(x, 0). */
  RELU,
  /** y = min(max(x, 0), 6). */
  RELU6,
  /** y = x for x &gt; 0, else 0.3 x, as Keras' LeakyReLU has it. */
  LEAKY_RELU,
  /** y = x for x &gt; 0, else alpha[channel] * x; alpha starts at 0.25. */
  PRELU(0.25),
  /** y = x * sigmoid(x). */
  SWISH,
  /** y = x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, arXiv:1905.02244). */
  HARD_SWISH,
  /**
   * y = p1 x sigmoid(beta x) + p2 x with p1, p2, beta per channel in this order, starting at 1, 0,
   * 1 (after Ma et al. 2021, arXiv:2009.04759, in the form of spec section 3.7).
   */
  ACON_C(1, 0, 1);

  /** The slope of {@link #LEAKY_RELU} below zero. */
  public static final double LEAK = 0.3;

  private final double[] firstValues;

  Activation(double... firstValues) {
    this.firstValues = firstValues;
  }

  /** Whether its slope at x is its slope at y too, so that x need not be kept. */
  boolean slopeShowsInOutput() {
    return this == RELU6 || this == LEAKY_RELU;
  }

  /**
   * Whether training keeps what goes into it beside what comes out, where it follows a
   * normalisation.
   */
  public boolean keepsItsInput() {
    return this != NONE && this != RELU && !slopeShowsInOutput();
  }

  /** Learnt values per channel. */
  public int parametersPerChannel() {
    return firstValues.length;
  }

  /** What the learnt values of a kind start at, the same for every channel. */
  public double firstValue(int kind) {
    return firstValues[kind];
  }
}
