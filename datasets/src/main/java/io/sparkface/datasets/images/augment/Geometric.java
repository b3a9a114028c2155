package io.sparkface.datasets.images.augment;

import io.sparkface.datasets.images.RgbImage;
import java.util.random.RandomGenerator;

/**
 * Moves pixels, to the one side or the other with equal probability: each gets the value of the
 * nearest pixel of where it comes from, or grey 128 from outside.
 *
 * @param kind of movement
 * @param amount degrees for a rotation about the centre, columns per row (or rows per column) for a
 *     shear, pixels for a translation
 */
public record Geometric(Kind kind, double amount) implements PolicyOperation {
  private static final byte GREY = (byte) 128;

  /** How pixels move. */
  public enum Kind {
    ROTATE,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y
  }

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return moved(image, random.nextBoolean() ? amount : -amount);
  }

  RgbImage moved(RgbImage image, double by) {
    int width = image.width();
    int height = image.height();
    double cos = Math.cos(Math.toRadians(by));
    double sin = Math.sin(Math.toRadians(by));
    double middleX = (width - 1) / 2.0;
    double middleY = (height - 1) / 2.0;
    byte[] out = new byte[image.rgb().length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double fromX =
            switch (kind) {
              case ROTATE -> middleX + cos * (x - middleX) - sin * (y - middleY);
              case SHEAR_X -> x + by * y;
              case TRANSLATE_X -> x + by;
              case SHEAR_Y, TRANSLATE_Y -> x;
            };
        double fromY =
            switch (kind) {
              case ROTATE -> middleY + sin * (x - middleX) + cos * (y - middleY);
              case SHEAR_Y -> y + by * x;
              case TRANSLATE_Y -> y + by;
              case SHEAR_X, TRANSLATE_X -> y;
            };
        long column = Math.round(fromX);
        long row = Math.round(fromY);
        int to = 3 * (y * width + x);
        if (column >= 0 && column < width && row >= 0 && row < height) {
          System.arraycopy(image.rgb(), 3 * (int) (row * width + column), out, to, 3);
        } else {
          java.util.Arrays.fill(out, to, to + 3, GREY);
        }
      }
    }
    return new RgbImage(width, height, out);
  }
}
