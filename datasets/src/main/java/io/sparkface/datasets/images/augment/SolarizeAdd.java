package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/**
 * Adds to the values below 128.
 *
 * @param addition 0 to 110
 */
public record SolarizeAdd(int addition) implements PolicyOperation {
  private static final int THRESHOLD = 128;

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return ValueTable.all(image, value -> value < THRESHOLD ? value + addition : value);
  }
}
