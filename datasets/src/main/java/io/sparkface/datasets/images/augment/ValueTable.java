package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.function.IntUnaryOperator;

/** A new value for each of the 256. */
final class ValueTable {
  private ValueTable() {}

  /** All channels by one table. */
  static RgbImage all(RgbImage image, IntUnaryOperator newValue) {
    byte[] out = image.rgb().clone();
    for (int c = 0; c < 3; c++) {
      channel(out, c, newValue);
    }
    return new RgbImage(image.width(), image.height(), out);
  }

  /** One channel in place. */
  static void channel(byte[] rgb, int channel, IntUnaryOperator newValue) {
    byte[] table = new byte[256];
    for (int value = 0; value < 256; value++) {
      table[value] = (byte) Math.max(0, Math.min(255, newValue.applyAsInt(value)));
    }
    for (int i = channel; i < rgb.length; i += 3) {
      rgb[i] = table[rgb[i] & 255];
    }
  }

  static int[] histogram(byte[] rgb, int channel) {
    int[] counts = new int[256];
    for (int i = channel; i < rgb.length; i += 3) {
      counts[rgb[i] & 255]++;
    }
    return counts;
  }
}
