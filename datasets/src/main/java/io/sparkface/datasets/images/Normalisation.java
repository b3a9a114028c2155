package io.sparkface.datasets.images;

import java.nio.FloatBuffer;

/** How pixel values 0..255 become a network's input: (x - mean) * factor, per channel R, G, B. */
public enum Normalisation {
  /** (x - 127.5) / 128: Sparkface's and the original's (spec 0). */
  FACE(new float[] {127.5f, 127.5f, 127.5f}, new float[] {1 / 128f, 1 / 128f, 1 / 128f}),
  /** x / 255, then ImageNet's mean and standard deviation. */
  IMAGENET(
      new float[] {0.485f * 255, 0.456f * 255, 0.406f * 255},
      new float[] {1 / (0.229f * 255), 1 / (0.224f * 255), 1 / (0.225f * 255)}),
  /** Unchanged: MXNet's model zoo normalises inside the network. */
  RAW(new float[3], new float[] {1, 1, 1});

  private final float[] mean;
  private final float[] factor;

  /** What becomes of each grey level of each channel. */
  private final float[] levels;

  Normalisation(float[] mean, float[] factor) {
    this.mean = mean;
    this.factor = factor;
    this.levels = FloatImage.levels((c, level) -> (level - mean[c]) * factor[c]);
  }

  /** Writes a picture at {@code offset} of {@code out}, channels last. */
  public void toNhwc(RgbImage image, float[] out, int offset) {
    byte[] rgb = image.rgb();
    for (int i = 0; i < rgb.length; i += 3) {
      for (int c = 0; c < 3; c++) {
        out[offset + i + c] = ((rgb[i + c] & 255) - mean[c]) * factor[c];
      }
    }
  }

  /**
   * Writes a picture from {@code offset} of {@code out} on, channels last; the buffer's position
   * stays, so that several threads may write to one.
   */
  public void toNhwc(FloatImage image, FloatBuffer out, int offset) {
    image.write(out, offset, mean, factor, levels);
  }

  /** The picture at {@code offset} of {@code values}, channels last, to the nearest grey level. */
  public RgbImage toImage(float[] values, int offset, int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      float grey = values[offset + i] / factor[i % 3] + mean[i % 3];
      rgb[i] = (byte) Math.round(Math.max(0, Math.min(255, grey)));
    }
    return new RgbImage(width, height, rgb);
  }

  /** Writes a picture at {@code offset} of {@code out}, channels first. */
  public void toNchw(RgbImage image, float[] out, int offset) {
    byte[] rgb = image.rgb();
    int plane = rgb.length / 3;
    for (int i = 0; i < plane; i++) {
      for (int c = 0; c < 3; c++) {
        out[offset + c * plane + i] = ((rgb[3 * i + c] & 255) - mean[c]) * factor[c];
      }
    }
  }
}
