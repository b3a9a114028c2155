package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.FloatImage;
import java.util.random.RandomGenerator;

/**
 * (x - mean) * f + mean per channel, f from [1 - most, 1 + most).
 *
 * @param most largest distance of the factor from 1
 */
public record RandomContrast(double most) implements Augmentation {
  @Override
  public FloatImage apply(FloatImage image, RandomGenerator random) {
    return changed(image, random.nextDouble(1 - most, 1 + most));
  }

  static FloatImage changed(FloatImage image, double factor) {
    double[] mean = {image.mean(0), image.mean(1), image.mean(2)};
    return image.changed(
        (channel, value) -> (float) ((value - mean[channel]) * factor + mean[channel]));
  }
}
