package io.sparkface.datasets.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a camera was held, as EXIF tag 0x0112 of a JPEG says; pixels are stored as the sensor saw
 * them. Anything unreadable counts as upright, as every viewer takes it.
 */
public enum Orientation {
  UPRIGHT,
  MIRRORED,
  TURNED_180,
  MIRRORED_180,
  TRANSPOSED,
  TURNED_90,
  TRANSVERSED,
  TURNED_270;

  private static final int TAG = 0x0112;
  private static final int SHORT = 3;
  private static final int APP1 = 0xFFE1;

  /** The orientation an encoded picture declares. */
  public static Orientation of(byte[] encoded) {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    try {
      if (in.getShort(0) != (short) 0xFFD8) {
        return UPRIGHT;
      }
      int position = 2;
      while (true) {
        int marker = in.getShort(position) & 0xFFFF;
        int length = in.getShort(position + 2) & 0xFFFF;
        // EXIF comes before the picture itself
        if (marker < 0xFFE0 || marker > 0xFFFE || length < 2) {
          return UPRIGHT;
        }
        // "Exif" and two zeros, then a TIFF file
        if (marker == APP1 && length > 16 && in.getInt(position + 4) == 0x45786966) {
          return inTiff(in.slice(position + 10, length - 8));
        }
        position += 2 + length;
      }
    } catch (IndexOutOfBoundsException e) {
      return UPRIGHT;
    }
  }

  private static Orientation inTiff(ByteBuffer tiff) {
    tiff.order(tiff.getShort(0) == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    int entries = tiff.getShort(directory) & 0xFFFF;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + 12 * i;
      if ((tiff.getShort(entry) & 0xFFFF) == TAG && tiff.getShort(entry + 2) == SHORT) {
        int value = tiff.getShort(entry + 8);
        return value >= 1 && value <= 8 ? values()[value - 1] : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  /** The picture as it should be looked at. */
  public RgbImage upright(RgbImage stored) {
    if (this == UPRIGHT) {
      return stored;
    }
    boolean onItsSide = ordinal() >= TRANSPOSED.ordinal();
    int width = onItsSide ? stored.height() : stored.width();
    int height = onItsSide ? stored.width() : stored.height();
    int right = stored.width() - 1;
    int bottom = stored.height() - 1;
    byte[] out = new byte[stored.rgb().length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int fromX =
            switch (this) {
              case UPRIGHT, MIRRORED_180 -> x;
              case MIRRORED, TURNED_180 -> right - x;
              case TRANSPOSED, TURNED_90 -> y;
              case TRANSVERSED, TURNED_270 -> right - y;
            };
        int fromY =
            switch (this) {
              case UPRIGHT, MIRRORED -> y;
              case TURNED_180, MIRRORED_180 -> bottom - y;
              case TRANSPOSED, TURNED_270 -> x;
              case TURNED_90, TRANSVERSED -> bottom - x;
            };
        int from = 3 * (fromY * stored.width() + fromX);
        System.arraycopy(stored.rgb(), from, out, 3 * (y * width + x), 3);
      }
    }
    return new RgbImage(width, height, out);
  }
}
