package io.sparkface.models.margin;

/** L2 on a head from the original's {@code output_weight_decay} (spec 5.1). */
public final class HeadDecay {
  private HeadDecay() {}

  /**
   * What the gradient of the head gains per unit of weight, for {@link
   * io.sparkface.models.heads.Head#decay}: 0 for 0, the value itself below 1, else the value times
   * what kernels of the backbone gain.
   *
   * @param outputWeightDecay 0 or more, usually 1
   * @param backbone what the gradient of a kernel gains per unit of weight
   */
  public static double l2(double outputWeightDecay, double backbone) {
    if (outputWeightDecay < 0) {
      throw new IllegalArgumentException("output weight decay " + outputWeightDecay);
    }
    return outputWeightDecay < 1 ? outputWeightDecay : outputWeightDecay * backbone;
  }
}
