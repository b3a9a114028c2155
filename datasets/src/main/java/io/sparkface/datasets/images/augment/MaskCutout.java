package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.FloatImage;
import java.util.random.RandomGenerator;

/**
 * As if a mask were worn: rows from h on become grey 128, h uniform from [int(0.55 H), int(0.7 H))
 * (spec 2.5).
 *
 * @param probability of a mask
 */
public record MaskCutout(double probability) implements Augmentation {
  private static final float GREY = 128;

  @Override
  public FloatImage apply(FloatImage image, RandomGenerator random) {
    if (random.nextDouble() >= probability) {
      return image;
    }
    int least = (int) (image.height() * 0.55);
    int most = (int) (image.height() * 0.7);
    return image.filledFrom(random.nextInt(least, Math.max(most, least + 1)), GREY);
  }
}
