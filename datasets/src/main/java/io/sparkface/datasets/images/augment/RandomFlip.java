package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.FloatImage;
import java.util.random.RandomGenerator;

/**
 * Left for right.
 *
 * @param probability of a flip
 */
public record RandomFlip(double probability) implements Augmentation {
  @Override
  public FloatImage apply(FloatImage image, RandomGenerator random) {
    return random.nextDouble() < probability ? image.flipped() : image;
  }
}
