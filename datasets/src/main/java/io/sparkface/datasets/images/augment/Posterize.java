package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/**
 * Only the high bits of each value.
 *
 * @param bits how many; 0 gives black
 */
public record Posterize(int bits) implements PolicyOperation {
  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    int shift = Math.max(0, 8 - bits);
    return ValueTable.all(image, value -> (value >> shift) << shift);
  }
}
