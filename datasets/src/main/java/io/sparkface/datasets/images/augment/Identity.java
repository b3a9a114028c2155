package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/** The picture as it is. */
public record Identity() implements PolicyOperation {
  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return image;
  }
}
