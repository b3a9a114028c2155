package io.sparkface.datasets.images;

/**
 * A decoded picture.
 *
 * @param width columns
 * @param height rows
 * @param rgb height * width * 3 bytes, rows from the top, red first
 */
public record RgbImage(int width, int height, byte[] rgb) {
  public RgbImage {
    if (rgb.length != 3 * width * height) {
      throw new IllegalArgumentException(
          rgb.length + " bytes are no picture of " + width + "x" + height);
    }
  }

  /** The mirror image. */
  public RgbImage flipped() {
    byte[] out = new byte[rgb.length];
    int row = 3 * width;
    for (int start = 0; start < out.length; start += row) {
      int last = start + row - 3;
      for (int x = 0; x < row; x += 3) {
        out[last - x] = rgb[start + x];
        out[last - x + 1] = rgb[start + x + 1];
        out[last - x + 2] = rgb[start + x + 2];
      }
    }
    return new RgbImage(width, height, out);
  }

  /** This picture where it has that size, else {@link #resized}. */
  public RgbImage fitting(int newWidth, int newHeight) {
    return newWidth == width && newHeight == height ? this : resized(newWidth, newHeight);
  }

  /** Bilinear, pixel centres at half (as TensorFlow 2 and OpenCV), borders replicated. */
  public RgbImage resized(int newWidth, int newHeight) {
    byte[] out = new byte[3 * newWidth * newHeight];
    for (int y = 0; y < newHeight; y++) {
      double sourceY = clamp((y + 0.5) * height / newHeight - 0.5, height);
      int top = (int) sourceY;
      int bottom = Math.min(top + 1, height - 1);
      double down = sourceY - top;
      for (int x = 0; x < newWidth; x++) {
        double sourceX = clamp((x + 0.5) * width / newWidth - 0.5, width);
        int left = (int) sourceX;
        int right = Math.min(left + 1, width - 1);
        double across = sourceX - left;
        for (int c = 0; c < 3; c++) {
          double upper = at(left, top, c) * (1 - across) + at(right, top, c) * across;
          double lower = at(left, bottom, c) * (1 - across) + at(right, bottom, c) * across;
          out[3 * (y * newWidth + x) + c] = (byte) Math.round(upper * (1 - down) + lower * down);
        }
      }
    }
    return new RgbImage(newWidth, newHeight, out);
  }

  /**
   * Bicubic (Keys, a = -0.5), pixel centres at half, borders replicated; where the picture becomes
   * smaller the kernel is as much wider, so that nothing is skipped.
   */
  public RgbImage resizedCubic(int newWidth, int newHeight) {
    float[] rows = new float[3 * newWidth * height];
    for (int x = 0; x < newWidth; x++) {
      CubicTaps taps = CubicTaps.of(x, width, newWidth);
      for (int y = 0; y < height; y++) {
        for (int c = 0; c < 3; c++) {
          float sum = 0;
          for (int i = 0; i < taps.weights().length; i++) {
            sum += taps.weights()[i] * at(taps.position(i), y, c);
          }
          rows[3 * (y * newWidth + x) + c] = sum;
        }
      }
    }
    byte[] out = new byte[3 * newWidth * newHeight];
    for (int y = 0; y < newHeight; y++) {
      CubicTaps taps = CubicTaps.of(y, height, newHeight);
      for (int i = 0; i < 3 * newWidth; i++) {
        float sum = 0;
        for (int k = 0; k < taps.weights().length; k++) {
          sum += taps.weights()[k] * rows[3 * newWidth * taps.position(k) + i];
        }
        out[3 * newWidth * y + i] = (byte) Math.max(0, Math.min(255, Math.round(sum)));
      }
    }
    return new RgbImage(newWidth, newHeight, out);
  }

  private static double clamp(double position, int size) {
    return Math.max(0, Math.min(position, size - 1));
  }

  private int at(int x, int y, int channel) {
    return rgb[3 * (y * width + x) + channel] & 255;
  }
}
