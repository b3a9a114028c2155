package io.sparkface.models;

import io.sparkface.base.UserError;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Changes made to whatever network is built (spec section 3.7).
 *
 * @param insteadOfRelu the activation in the place of ReLU and ReLU6; RELU leaves them
 * @param firstSurvival probability with which the first residual branch is kept
 * @param lastSurvival the same towards the last: of n branches, branch i is kept with firstSurvival
 *     - (1 - lastSurvival) i / n
 * @param decayed what weight decay and L2 reach: KERNEL, with BIAS or without, with SCALE_SHIFT,
 *     SHIFT and ALPHA or without
 */
public record Surgery(
    Activation insteadOfRelu, double firstSurvival, double lastSurvival, Set<Part> decayed)
    implements Serializable {
  /** What weight decay reaches usually: kernels. */
  public static final Set<Part> KERNELS = Set.of(Part.KERNEL);

  /** Gamma, beta and what activations learn. */
  public static final Set<Part> NORMALISATION = Set.of(Part.SCALE_SHIFT, Part.SHIFT, Part.ALPHA);

  /** Changes nothing. */
  public static final Surgery NONE = new Surgery(Activation.RELU, 1, 1, KERNELS);

  /** Checks the ranges. */
  public Surgery {
    Objects.requireNonNull(insteadOfRelu, "insteadOfRelu");
    decayed = Set.copyOf(decayed);
    if (!(firstSurvival > 0 && firstSurvival <= 1 && lastSurvival > 0 && lastSurvival <= 1)
        || firstSurvival - (1 - lastSurvival) <= 0) {
      throw new UserError(
          "impossible survival of branches " + firstSurvival + " to " + lastSurvival,
          "network specification",
          "choose probabilities up to 1, usually 1 and 0.8");
    }
    if (decayed.contains(Part.STATISTICS)) {
      throw new IllegalArgumentException("running statistics are not trained");
    }
  }

  /** With another activation in the place of ReLU. */
  public Surgery withInsteadOfRelu(Activation other) {
    return new Surgery(other, firstSurvival, lastSurvival, decayed);
  }

  /** With branches left out at random. */
  public Surgery withSurvival(double first, double last) {
    return new Surgery(insteadOfRelu, first, last, decayed);
  }

  /** With weight decay on {@code more} as well. */
  public Surgery withDecayOn(Set<Part> more) {
    Set<Part> all = EnumSet.copyOf(decayed);
    all.addAll(more);
    return new Surgery(insteadOfRelu, firstSurvival, lastSurvival, all);
  }

  /** The probability with which branch {@code i} of {@code n} is kept. */
  public double survival(int i, int n) {
    return firstSurvival - (1 - lastSurvival) * i / n;
  }
}
