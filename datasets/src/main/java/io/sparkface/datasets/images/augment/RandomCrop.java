package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.FloatImage;
import java.util.random.RandomGenerator;

/**
 * A part of the picture, its place uniform, brought back to the picture's size.
 *
 * @param share of width and of height that is kept
 */
public record RandomCrop(double share) implements Augmentation {
  /** The original's: 100 of 112 pixels. */
  static final RandomCrop OF_100_IN_112 = new RandomCrop(100 / 112.0);

  @Override
  public FloatImage apply(FloatImage image, RandomGenerator random) {
    int width = (int) Math.round(image.width() * share);
    int height = (int) Math.round(image.height() * share);
    int x = random.nextInt(image.width() - width + 1);
    int y = random.nextInt(image.height() - height + 1);
    return image.zoomed(x, y, width, height, image.width(), image.height());
  }
}
