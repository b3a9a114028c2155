package io.sparkface.datasets.images;

import java.util.Arrays;

/**
 * A picture between operations: values around 0 to 255 that are not rounded.
 *
 * @param width columns
 * @param height rows
 * @param rgb height * width * 3 values, rows from the top, red first
 */
public record FloatImage(int width, int height, float[] rgb) {
  public FloatImage {
    if (rgb.length != 3 * width * height) {
      throw new IllegalArgumentException(
          rgb.length + " values are no picture of " + width + "x" + height);
    }
  }

  /** The same values. */
  public static FloatImage of(RgbImage image) {
    float[] values = new float[image.rgb().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = image.rgb()[i] & 255;
    }
    return new FloatImage(image.width(), image.height(), values);
  }

  /** Clipped to 0 to 255 and truncated. */
  public RgbImage toBytes() {
    byte[] bytes = new byte[rgb.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (int) clipped(rgb[i]);
    }
    return new RgbImage(width, height, bytes);
  }

  /** Clipped to 0 to 255. */
  public FloatImage clipped() {
    float[] out = new float[rgb.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = clipped(rgb[i]);
    }
    return new FloatImage(width, height, out);
  }

  private static float clipped(float value) {
    return Math.max(0, Math.min(255, value));
  }

  /** The mirror image. */
  public FloatImage flipped() {
    float[] out = new float[rgb.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        System.arraycopy(rgb, 3 * (y * width + x), out, 3 * (y * width + width - 1 - x), 3);
      }
    }
    return new FloatImage(width, height, out);
  }

  /** The part of {@code w} columns and {@code h} rows that begins at column x and row y. */
  public FloatImage cropped(int x, int y, int w, int h) {
    float[] out = new float[3 * w * h];
    for (int row = 0; row < h; row++) {
      System.arraycopy(rgb, 3 * ((y + row) * width + x), out, 3 * row * w, 3 * w);
    }
    return new FloatImage(w, h, out);
  }

  /** Rows from {@code y} on become {@code value}. */
  public FloatImage filledFrom(int y, float value) {
    float[] out = rgb.clone();
    Arrays.fill(out, 3 * y * width, out.length, value);
    return new FloatImage(width, height, out);
  }

  /** Bilinear, pixel centres at half, borders replicated. */
  public FloatImage resized(int newWidth, int newHeight) {
    if (newWidth == width && newHeight == height) {
      return this;
    }
    float[] out = new float[3 * newWidth * newHeight];
    for (int y = 0; y < newHeight; y++) {
      double sourceY = within((y + 0.5) * height / newHeight - 0.5, height);
      int top = (int) sourceY;
      int bottom = Math.min(top + 1, height - 1);
      double down = sourceY - top;
      for (int x = 0; x < newWidth; x++) {
        double sourceX = within((x + 0.5) * width / newWidth - 0.5, width);
        int left = (int) sourceX;
        int right = Math.min(left + 1, width - 1);
        double across = sourceX - left;
        for (int c = 0; c < 3; c++) {
          double upper = at(left, top, c) * (1 - across) + at(right, top, c) * across;
          double lower = at(left, bottom, c) * (1 - across) + at(right, bottom, c) * across;
          out[3 * (y * newWidth + x) + c] = (float) (upper * (1 - down) + lower * down);
        }
      }
    }
    return new FloatImage(newWidth, newHeight, out);
  }

  private static double within(double position, int size) {
    return Math.max(0, Math.min(position, size - 1));
  }

  private float at(int x, int y, int channel) {
    return rgb[3 * (y * width + x) + channel];
  }
}
