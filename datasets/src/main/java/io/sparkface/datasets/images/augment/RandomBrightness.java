package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.FloatImage;
import java.util.random.RandomGenerator;

/**
 * One number from [-most, most) is added to every value.
 *
 * @param most largest change, in levels of 255
 */
public record RandomBrightness(double most) implements Augmentation {
  @Override
  public FloatImage apply(FloatImage image, RandomGenerator random) {
    float delta = (float) random.nextDouble(-most, most);
    return image.changed((channel, value) -> value + delta);
  }
}
