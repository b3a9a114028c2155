package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/**
 * x below the threshold, 255 - x from there on.
 *
 * @param threshold 0 to 256
 */
public record Solarize(int threshold) implements PolicyOperation {
  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return ValueTable.all(image, value -> value < threshold ? value : 255 - value);
  }
}
