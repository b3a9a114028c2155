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
    float[] rgb = image.rgb();
    float[] out = new float[rgb.length];
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      for (int i = c; i < rgb.length; i += 3) {
        sum += rgb[i];
      }
      double mean = sum / (rgb.length / 3);
      for (int i = c; i < rgb.length; i += 3) {
        out[i] = (float) ((rgb[i] - mean) * factor + mean);
      }
    }
    return new FloatImage(image.width(), image.height(), out);
  }
}
