package io.sparkface.datasets.images.augment;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.FloatImage;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A random change of a training picture. */
public interface Augmentation {
  /**
   * @param random the only source of chance, so that the same generator gives the same picture
   */
  FloatImage apply(FloatImage image, RandomGenerator random);

  /**
   * The original's {@code random_status} (spec 2.4):
   *
   * <pre>
   *   -1  nothing
   *    0  horizontal flip
   *    1  and brightness
   *    2  and contrast and saturation
   *    3  and a random crop
   * 100…  flip, then RandAugment of magnitude 5 * status / 100
   * </pre>
   *
   * At 100 the magnitude is 5, at which colour, contrast, brightness and sharpness change nothing
   * (trap 14).
   *
   * @param status one of the above
   * @param maskProbability of {@link MaskCutout}
   */
  static Augmentation ofStatus(int status, double maskProbability) {
    if (status < -1 || (status > 3 && status < 100)) {
      throw new UserError(
          "there is no augmentation " + status,
          "data.random-status",
          "choose -1, 0, 1, 2, 3, or 100 and more for RandAugment");
    }
    List<Augmentation> steps = new ArrayList<>();
    MaskCutout mask = new MaskCutout(maskProbability);
    if (status >= 100) {
      steps.add(new RandomFlip(0.5));
      steps.add(mask);
      steps.add(RandAugment.ofStatus(status));
      return new Chain(steps);
    }
    steps.add(mask);
    if (status >= 0) {
      steps.add(new RandomFlip(0.5));
    }
    if (status >= 1) {
      steps.add(new RandomBrightness(255 * 0.05 * status));
    }
    if (status >= 2) {
      steps.add(new RandomContrast(0.1 * status));
      steps.add(new RandomSaturation(0.1 * status));
    }
    if (status >= 3) {
      steps.add(RandomCrop.OF_100_IN_112);
    }
    if (status >= 1) {
      steps.add((image, random) -> image.clipped());
    }
    return new Chain(steps);
  }

  /** One after the other. */
  record Chain(List<Augmentation> steps) implements Augmentation {
    public Chain {
      steps = List.copyOf(steps);
    }

    @Override
    public FloatImage apply(FloatImage image, RandomGenerator random) {
      FloatImage changed = image;
      for (Augmentation step : steps) {
        changed = step.apply(changed, random);
      }
      return changed;
    }
  }
}
