package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/**
 * Each channel stretched so that its least value is 0 and its largest 255; a constant one stays.
 */
public record AutoContrast() implements PolicyOperation {
  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    byte[] out = image.rgb().clone();
    for (int c = 0; c < 3; c++) {
      int[] counts = ValueTable.histogram(out, c);
      int least = 0;
      int most = 255;
      while (least < 255 && counts[least] == 0) {
        least++;
      }
      while (most > 0 && counts[most] == 0) {
        most--;
      }
      if (most > least) {
        float scale = 255f / (most - least);
        float offset = -least * scale;
        ValueTable.channel(out, c, value -> (int) (value * scale + offset));
      }
    }
    return new RgbImage(image.width(), image.height(), out);
  }
}
