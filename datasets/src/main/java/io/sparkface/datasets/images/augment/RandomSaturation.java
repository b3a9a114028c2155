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
   * moves every channel x to V - (V - x) * S' / S. S' / S is the factor, and 1 / S where S' would
   * be above 1.
   */
  static FloatImage changed(FloatImage image, double factor) {
    float[] rgb = image.rgb();
    float[] out = new float[rgb.length];
    float most = (float) Math.max(0, factor);
    for (int i = 0; i < rgb.length; i += 3) {
      float red = rgb[i];
      float green = rgb[i + 1];
      float blue = rgb[i + 2];
      float value = Math.max(red, Math.max(green, blue));
      float spread = value - Math.min(red, Math.min(green, blue));
      float ratio = value <= 0 ? 1 : spread * most <= value ? most : value / spread;
      out[i] = value - (value - red) * ratio;
      out[i + 1] = value - (value - green) * ratio;
      out[i + 2] = value - (value - blue) * ratio;
    }
    return new FloatImage(image.width(), image.height(), out);
  }
}
