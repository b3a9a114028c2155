package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/** 255 - x. */
public record Invert() implements PolicyOperation {
  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return ValueTable.all(image, value -> 255 - value);
  }
}
