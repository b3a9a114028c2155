package io.sparkface.datasets.images;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A picture between operations: values around 0 to 255 that are not rounded.
 *
 * <p>As long as a value depends on nothing but the grey level it comes from, the picture is kept as
 * its bytes and a table of what each of the 256 levels stands for in each channel: an operation on
 * all values then changes the table, and a picture takes a quarter of the memory.
 */
public final class FloatImage {
  private static final int LEVELS = 256;
  private static final float[] UNCHANGED = levels((channel, level) -> level);

  private final int width;
  private final int height;

  /** Null where the values are given. */
  private final byte[] bytes;

  /** Where red stands in a pixel's three bytes: 0 in RGB, 2 in BGR. */
  private final int red;

  /** Of red, green and blue, one behind the other. */
  private final float[] levels;

  /** Whether the bytes are those of the mirror image. */
  private final boolean mirrored;

  private float[] values;

  private FloatImage(
      int width, int height, byte[] bytes, int red, float[] levels, boolean mirrored) {
    this.width = width;
    this.height = height;
    this.bytes = bytes;
    this.red = red;
    this.levels = levels;
    this.mirrored = mirrored;
  }

  /**
   * @param width columns
   * @param height rows
   * @param rgb height * width * 3 values, rows from the top, red first
   */
  public FloatImage(int width, int height, float[] rgb) {
    this(width, height, null, 0, null, false);
    this.values = rgb;
    if (rgb.length != 3 * width * height) {
      throw new IllegalArgumentException(
          rgb.length + " values are no picture of " + width + "x" + height);
    }
  }

  /** What becomes of each grey level of red, of green and of blue. */
  static float[] levels(Change change) {
    float[] table = new float[3 * LEVELS];
    for (int i = 0; i < table.length; i++) {
      table[i] = change.of(i / LEVELS, i % LEVELS);
    }
    return table;
  }

  /** The same values. */
  public static FloatImage of(RgbImage image) {
    return new FloatImage(image.width(), image.height(), image.rgb(), 0, UNCHANGED, false);
  }

  /** The same values, from bytes that have blue first in each pixel. */
  static FloatImage ofBgr(int width, int height, byte[] bgr) {
    return new FloatImage(width, height, bgr, 2, UNCHANGED, false);
  }

  /** Columns. */
  public int width() {
    return width;
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** height * width * 3 values, rows from the top, red first; not to be written to. */
  public float[] rgb() {
    if (values == null) {
      values = new float[bytes.length];
      write(FloatBuffer.wrap(values), 0, levels);
    }
    return values;
  }

  /** A new value for each one of a channel. */
  public interface Change {
    float of(int channel, float value);
  }

  /** Every value changed by itself. */
  public FloatImage changed(Change change) {
    if (values == null) {
      float[] table = new float[levels.length];
      for (int c = 0; c < 3; c++) {
        for (int i = c * LEVELS; i < (c + 1) * LEVELS; i++) {
          table[i] = change.of(c, levels[i]);
        }
      }
      return new FloatImage(width, height, bytes, red, table, mirrored);
    }
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i += 3) {
      out[i] = change.of(0, values[i]);
      out[i + 1] = change.of(1, values[i + 1]);
      out[i + 2] = change.of(2, values[i + 2]);
    }
    return new FloatImage(width, height, out);
  }

  /** Mean of a channel. */
  public double mean(int channel) {
    double sum = 0;
    if (values == null) {
      int[] counts = new int[LEVELS];
      for (int i = Math.abs(red - channel); i < bytes.length; i += 3) {
        counts[bytes[i] & 255]++;
      }
      for (int level = 0; level < LEVELS; level++) {
        sum += (double) counts[level] * levels[channel * LEVELS + level];
      }
    } else {
      for (int i = channel; i < values.length; i += 3) {
        sum += values[i];
      }
    }
    return sum / ((double) width * height);
  }

  /** Clipped to 0 to 255 and truncated. */
  public RgbImage toBytes() {
    if (levels == UNCHANGED && !mirrored) {
      return new RgbImage(width, height, red == 0 ? bytes.clone() : reversed(bytes));
    }
    float[] all = rgb();
    byte[] out = new byte[all.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (int) clipped(all[i]);
    }
    return new RgbImage(width, height, out);
  }

  /** Pixels with their first and last bytes exchanged. */
  private static byte[] reversed(byte[] bgr) {
    byte[] rgb = new byte[bgr.length];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = bgr[i + 2];
      rgb[i + 1] = bgr[i + 1];
      rgb[i + 2] = bgr[i];
    }
    return rgb;
  }

  /** Clipped to 0 to 255. */
  public FloatImage clipped() {
    if (values == null) {
      return changed((channel, value) -> clipped(value));
    }
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = clipped(values[i]);
    }
    return new FloatImage(width, height, out);
  }

  private static float clipped(float value) {
    return Math.max(0, Math.min(255, value));
  }

  /** The mirror image. */
  public FloatImage flipped() {
    if (values == null) {
      return new FloatImage(width, height, bytes, red, levels, !mirrored);
    }
    float[] out = new float[values.length];
    int row = 3 * width;
    for (int start = 0; start < out.length; start += row) {
      int last = start + row - 3;
      for (int x = 0; x < row; x += 3) {
        out[last - x] = values[start + x];
        out[last - x + 1] = values[start + x + 1];
        out[last - x + 2] = values[start + x + 2];
      }
    }
    return new FloatImage(width, height, out);
  }

  /** The part of {@code w} columns and {@code h} rows that begins at column x and row y. */
  public FloatImage cropped(int x, int y, int w, int h) {
    float[] all = rgb();
    float[] out = new float[3 * w * h];
    for (int row = 0; row < h; row++) {
      System.arraycopy(all, 3 * ((y + row) * width + x), out, 3 * row * w, 3 * w);
    }
    return new FloatImage(w, h, out);
  }

  /** Rows from {@code y} on become {@code value}. */
  public FloatImage filledFrom(int y, float value) {
    if (values == null && levels == UNCHANGED && value == ((byte) value & 255)) {
      byte[] out = bytes.clone();
      Arrays.fill(out, 3 * y * width, out.length, (byte) value);
      return new FloatImage(width, height, out, red, levels, mirrored);
    }
    float[] out = rgb().clone();
    Arrays.fill(out, 3 * y * width, out.length, value);
    return new FloatImage(width, height, out);
  }

  /** Bilinear, pixel centres at half, borders replicated. */
  public FloatImage resized(int newWidth, int newHeight) {
    return newWidth == width && newHeight == height
        ? this
        : zoomed(0, 0, width, height, newWidth, newHeight);
  }

  /** The part that {@link #cropped} gives, brought to another size as by {@link #resized}. */
  public FloatImage zoomed(int x, int y, int w, int h, int newWidth, int newHeight) {
    float[] all = rgb();
    int[] left = new int[newWidth];
    int[] right = new int[newWidth];
    float[] across = new float[newWidth];
    for (int column = 0; column < newWidth; column++) {
      double source = within((column + 0.5) * w / newWidth - 0.5, w);
      left[column] = 3 * (x + (int) source);
      right[column] = 3 * (x + Math.min((int) source + 1, w - 1));
      across[column] = (float) (source - (int) source);
    }
    float[] out = new float[3 * newWidth * newHeight];
    float[] upper = new float[3 * newWidth];
    float[] lower = new float[3 * newWidth];
    int upperRow = -1;
    int lowerRow = -1;
    for (int row = 0; row < newHeight; row++) {
      double source = within((row + 0.5) * h / newHeight - 0.5, h);
      int top = (int) source;
      int bottom = Math.min(top + 1, h - 1);
      if (top != upperRow) {
        // rows come in order: the one that was below is the next one above
        float[] spare = upper;
        upper = lower;
        lower = spare;
        if (top != lowerRow) {
          across(all, 3 * (y + top) * width, left, right, across, upper);
        }
        upperRow = top;
        lowerRow = -1;
      }
      if (bottom != lowerRow) {
        across(all, 3 * (y + bottom) * width, left, right, across, lower);
        lowerRow = bottom;
      }
      down(upper, lower, (float) (source - top), out, 3 * newWidth * row);
    }
    return new FloatImage(newWidth, newHeight, out);
  }

  private static void across(
      float[] from, int row, int[] left, int[] right, float[] share, float[] out) {
    for (int column = 0; column < share.length; column++) {
      int a = row + left[column];
      int b = row + right[column];
      float s = share[column];
      out[3 * column] = from[a] + (from[b] - from[a]) * s;
      out[3 * column + 1] = from[a + 1] + (from[b + 1] - from[a + 1]) * s;
      out[3 * column + 2] = from[a + 2] + (from[b + 2] - from[a + 2]) * s;
    }
  }

  private static void down(float[] upper, float[] lower, float share, float[] out, int at) {
    for (int i = 0; i < upper.length; i++) {
      out[at + i] = upper[i] + (lower[i] - upper[i]) * share;
    }
  }

  private static double within(double position, int size) {
    return Math.max(0, Math.min(position, size - 1));
  }

  /**
   * Writes (value - mean) * factor of all values from {@code offset} of {@code out} on; its
   * position stays.
   *
   * @param ofLevels the same of each grey level
   */
  void write(FloatBuffer out, int offset, float[] mean, float[] factor, float[] ofLevels) {
    if (values == null && levels == UNCHANGED) {
      write(out, offset, ofLevels);
      return;
    }
    if (values == null) {
      FloatImage wanted = changed((c, value) -> (value - mean[c]) * factor[c]);
      write(out, offset, wanted.levels);
      return;
    }
    float[] row = new float[3 * width];
    for (int start = 0; start < values.length; start += row.length) {
      for (int i = 0; i < row.length; i += 3) {
        row[i] = (values[start + i] - mean[0]) * factor[0];
        row[i + 1] = (values[start + i + 1] - mean[1]) * factor[1];
        row[i + 2] = (values[start + i + 2] - mean[2]) * factor[2];
      }
      out.put(offset + start, row);
    }
  }

  private void write(FloatBuffer out, int offset, float[] table) {
    float[] row = new float[3 * width];
    for (int start = 0; start < bytes.length; start += row.length) {
      if (mirrored) {
        mirror(table, start, row);
      } else {
        look(table, start, row);
      }
      out.put(offset + start, row);
    }
  }

  private void look(float[] table, int from, float[] out) {
    int first = from + red;
    int last = from + 2 - red;
    for (int i = 0; i < out.length; i += 3) {
      out[i] = table[bytes[first + i] & 255];
      out[i + 1] = table[LEVELS + (bytes[from + i + 1] & 255)];
      out[i + 2] = table[2 * LEVELS + (bytes[last + i] & 255)];
    }
  }

  private void mirror(float[] table, int from, float[] out) {
    int end = from + out.length - 3;
    int first = end + red;
    int last = end + 2 - red;
    for (int i = 0; i < out.length; i += 3) {
      out[i] = table[bytes[first - i] & 255];
      out[i + 1] = table[LEVELS + (bytes[end - i + 1] & 255)];
      out[i + 2] = table[2 * LEVELS + (bytes[last - i] & 255)];
    }
  }
}
