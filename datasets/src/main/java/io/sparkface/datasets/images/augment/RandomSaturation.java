package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.FloatImage;
import java.util.random.RandomGenerator;

/**
 * In HSV, S becomes S * f clipped to [0, 1], f from [1 - most, 1 + most); hue and value stay.
 *
 * @param most largest distance of the factor from 1
 */
public record RandomSaturation(double most) implements Augmentation {
  @Override
  public FloatImage apply(FloatImage image, RandomGenerator random) {
    return changed(image, random.nextDouble(1 - most, 1 + most));
  }

  /**
   * With V the largest and L the least of a pixel, S = (V - L) / V; another S at the same hue and V
   * moves every channel x to V - (V - x) * S' / S.
   */
  static FloatImage changed(FloatImage image, double factor) {
    float[] rgb = image.rgb();
    float[] out = new float[rgb.length];
    for (int i = 0; i < rgb.length; i += 3) {
      double most = Math.max(rgb[i], Math.max(rgb[i + 1], rgb[i + 2]));
      double least = Math.min(rgb[i], Math.min(rgb[i + 1], rgb[i + 2]));
      double saturation = most > 0 ? (most - least) / most : 0;
      double ratio =
          saturation > 0 ? Math.max(0, Math.min(1, saturation * factor)) / saturation : 1;
      for (int c = 0; c < 3; c++) {
        out[i + c] = (float) (most - (most - rgb[i + c]) * ratio);
      }
    }
    return new FloatImage(image.width(), image.height(), out);
  }
}
