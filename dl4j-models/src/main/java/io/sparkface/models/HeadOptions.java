package io.sparkface.models;

import io.sparkface.base.UserError;
import io.sparkface.models.kernels.Activation;
import java.io.Serializable;
import java.util.Objects;

/**
 * The choices of an embedding head (spec section 3.2).
 *
 * @param pointwise filters of a 1x1 convolution with normalisation in front of the head, 0 for
 *     none, {@link #HALF} for half the map's channels
 * @param pointwiseActivation what follows it, RELU or PRELU
 * @param bias whether the dense layer has one
 * @param scale whether the last normalisation has a gamma; without, it is MXNet's fix_gamma
 */
public record HeadOptions(
    int pointwise, Activation pointwiseActivation, boolean bias, boolean scale)
    implements Serializable {
  /** Half as many filters as the map has channels. */
  public static final int HALF = -1;

  /** No pointwise convolution, no bias, with gamma. */
  public static final HeadOptions USUAL = new HeadOptions(0, Activation.RELU, false, true);

  /** Checks the ranges. */
  public HeadOptions {
    Objects.requireNonNull(pointwiseActivation, "pointwiseActivation");
    if (pointwise < HALF) {
      throw new UserError(
          "impossible number of pointwise filters " + pointwise,
          "network specification",
          "choose 0 for none, -1 for half the channels, or a number such as 512");
    }
  }
}
