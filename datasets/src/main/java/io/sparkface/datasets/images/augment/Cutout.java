package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A square of grey 128 around a random pixel, cut off at the borders.
 *
 * @param pad half the side; 0 changes nothing
 */
public record Cutout(int pad) implements PolicyOperation {
  private static final byte GREY = (byte) 128;

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    int x = random.nextInt(image.width());
    int y = random.nextInt(image.height());
    byte[] out = image.rgb().clone();
    int left = Math.max(0, x - pad);
    int right = Math.min(image.width(), x + pad);
    for (int row = Math.max(0, y - pad); row < Math.min(image.height(), y + pad); row++) {
      Arrays.fill(out, 3 * (row * image.width() + left), 3 * (row * image.width() + right), GREY);
    }
    return new RgbImage(image.width(), image.height(), out);
  }
}
