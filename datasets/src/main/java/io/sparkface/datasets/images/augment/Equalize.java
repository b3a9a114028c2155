package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/**
 * Each channel's values made about equally frequent, as PIL does: with step = (pixels - count of
 * the last value there is) / 255, value v becomes (count below v + step / 2) / step, all in whole
 * numbers; a channel whose step is 0 stays.
 */
public record Equalize() implements PolicyOperation {
  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    byte[] out = image.rgb().clone();
    for (int c = 0; c < 3; c++) {
      int[] counts = ValueTable.histogram(out, c);
      int last = 255;
      while (counts[last] == 0) {
        last--;
      }
      int step = (out.length / 3 - counts[last]) / 255;
      if (step == 0) {
        continue;
      }
      int[] below = new int[256];
      for (int v = 1; v < 256; v++) {
        below[v] = below[v - 1] + counts[v - 1];
      }
      ValueTable.channel(out, c, v -> v == 0 ? 0 : (below[v] + step / 2) / step);
    }
    return new RgbImage(image.width(), image.height(), out);
  }
}
