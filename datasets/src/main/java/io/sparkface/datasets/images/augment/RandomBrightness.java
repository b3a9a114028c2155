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
    float[] out = new float[image.rgb().length];
    for (int i = 0; i < out.length; i++) {
      out[i] = image.rgb()[i] + delta;
    }
    return new FloatImage(image.width(), image.height(), out);
  }
}
