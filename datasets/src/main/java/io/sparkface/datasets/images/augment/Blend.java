package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/**
 * a + f (x - a) of the picture x and another one a, clipped when f is above 1, truncated. At f = 1
 * it is the picture itself, at f = 0 the other.
 *
 * @param with the other picture
 * @param factor f
 */
public record Blend(With with, double factor) implements PolicyOperation {
  private static final int SMOOTH_WEIGHT = 13;

  /** What a picture is blended with. */
  public enum With {
    /** Its luma: changes colour. */
    GREY,
    /**
     * One value everywhere, pixels / 256 and at most 255: changes contrast. It is not the mean
     * grey, as one would expect (trap 15).
     */
    CONSTANT,
    /** 0: changes brightness. */
    BLACK,
    /** The mean of 3x3 pixels, the middle one five times, borders as they are: sharpness. */
    SMOOTH
  }

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    if (factor == 1) {
      return image;
    }
    byte[] other = other(image);
    byte[] out = new byte[other.length];
    for (int i = 0; i < out.length; i++) {
      float a = other[i] & 255;
      float x = image.rgb()[i] & 255;
      float value = a + (float) factor * (x - a);
      out[i] = (byte) (int) Math.max(0, Math.min(255, value));
    }
    return new RgbImage(image.width(), image.height(), out);
  }

  private byte[] other(RgbImage image) {
    byte[] rgb = image.rgb();
    byte[] out = new byte[rgb.length];
    switch (with) {
      case BLACK -> {
        // zero as it is
      }
      case CONSTANT ->
          java.util.Arrays.fill(out, (byte) Math.min(255, image.width() * image.height() / 256));
      case GREY -> {
        for (int i = 0; i < rgb.length; i += 3) {
          double luma =
              0.2989 * (rgb[i] & 255) + 0.587 * (rgb[i + 1] & 255) + 0.114 * (rgb[i + 2] & 255);
          byte grey = (byte) (int) luma;
          out[i] = grey;
          out[i + 1] = grey;
          out[i + 2] = grey;
        }
      }
      case SMOOTH -> smooth(image, out);
    }
    return out;
  }

  private static void smooth(RgbImage image, byte[] out) {
    byte[] rgb = image.rgb();
    int row = 3 * image.width();
    System.arraycopy(rgb, 0, out, 0, rgb.length);
    for (int y = 1; y < image.height() - 1; y++) {
      for (int i = y * row + 3; i < (y + 1) * row - 3; i++) {
        int sum = 4 * (rgb[i] & 255);
        for (int dy = -row; dy <= row; dy += row) {
          for (int dx = -3; dx <= 3; dx += 3) {
            sum += rgb[i + dy + dx] & 255;
          }
        }
        out[i] = (byte) (sum / SMOOTH_WEIGHT);
      }
    }
  }
}
