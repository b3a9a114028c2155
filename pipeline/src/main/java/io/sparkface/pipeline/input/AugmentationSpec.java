package io.sparkface.pipeline.input;

import io.sparkface.datasets.images.augment.Augmentation;
import io.sparkface.datasets.images.augment.AutoAugment;
import io.sparkface.datasets.images.augment.MaskCutout;
import io.sparkface.datasets.images.augment.RandomFlip;
import java.io.Serializable;
import java.util.List;

/**
 * Which augmentation training pictures get (spec 2.4 to 2.6).
 *
 * @param randomStatus as {@link Augmentation#ofStatus}
 * @param policy in place of it
 * @param maskProbability of a mask over the lower part
 */
public record AugmentationSpec(int randomStatus, Policy policy, double maskProbability)
    implements Serializable {

  /** Images as they are. */
  public static final AugmentationSpec NONE = new AugmentationSpec(-1, Policy.NONE, 0);

  /** AutoAugment's programs. */
  public enum Policy {
    NONE,
    /** ImageNet's 25. */
    V0,
    /** The 13 of them that move no pixel. */
    SIMPLE
  }

  /** The augmentation; a {@link io.sparkface.base.UserError} for a status there is not. */
  public Augmentation build() {
    return switch (policy) {
      case NONE -> Augmentation.ofStatus(randomStatus, maskProbability);
      case V0 -> flippedAndMasked(AutoAugment.v0());
      case SIMPLE -> flippedAndMasked(AutoAugment.simple());
    };
  }

  private Augmentation flippedAndMasked(Augmentation last) {
    return new Augmentation.Chain(
        List.of(new RandomFlip(0.5), new MaskCutout(maskProbability), last));
  }
}
