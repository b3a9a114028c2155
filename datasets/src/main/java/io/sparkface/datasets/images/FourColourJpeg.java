package io.sparkface.datasets.images;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageReader;

/**
 * JPEGs of four components, as print shops and some cameras' editors write: CMYK, or YCCK where
 * Adobe's marker says so; with that marker the values are stored inverted. Without a colour
 * profile, as every plain decoder: R = (255 - C)(255 - K) / 255.
 */
final class FourColourJpeg {
  private static final int APP14 = 0xFFEE;
  private static final int ADOBE = 0x41646F62;
  private static final int YCCK = 2;

  /** Adobe's colour transform, -1 without the marker. */
  private final int transform;

  private FourColourJpeg(int transform) {
    this.transform = transform;
  }

  /** Whether a JPEG whose header was read has four components. */
  static boolean is(byte[] encoded) {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    int position = 2;
    while (true) {
      int marker = in.getShort(position) & 0xFFFF;
      if (marker == 0xFFFF) {
        position++;
        continue;
      }
      if (ImageHeader.isFrame(marker)) {
        return encoded[position + 9] == 4;
      }
      position += 2 + (in.getShort(position + 2) & 0xFFFF);
    }
  }

  private static FourColourJpeg of(byte[] encoded) {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    int position = 2;
    while (true) {
      int marker = in.getShort(position) & 0xFFFF;
      if (marker == 0xFFFF) {
        position++;
        continue;
      }
      if (marker == APP14 && in.getInt(position + 4) == ADOBE) {
        return new FourColourJpeg(encoded[position + 15]);
      }
      if (ImageHeader.isFrame(marker)) {
        return new FourColourJpeg(-1);
      }
      position += 2 + (in.getShort(position + 2) & 0xFFFF);
    }
  }

  /** Reads it with a reader whose input is set. */
  static RgbImage read(ImageReader reader, byte[] encoded) throws IOException {
    return of(encoded).rgb(reader.readRaster(0, null));
  }

  private RgbImage rgb(Raster raster) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] out = new byte[3 * width * height];
    int[] pixel = new int[4];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        raster.getPixel(x, y, pixel);
        if (transform == YCCK) {
          toCmy(pixel);
        }
        int black = transform < 0 ? 255 - pixel[3] : pixel[3];
        for (int c = 0; c < 3; c++) {
          int light = transform < 0 ? 255 - pixel[c] : pixel[c];
          out[3 * (y * width + x) + c] = (byte) ((light * black + 127) / 255);
        }
      }
    }
    return new RgbImage(width, height, out);
  }

  /** JFIF's YCbCr to RGB, of which YCCK's three colours are the inverse. */
  private static void toCmy(int[] pixel) {
    double luma = pixel[0];
    double blue = pixel[1] - 128;
    double red = pixel[2] - 128;
    pixel[0] = inverse(luma + 1.402 * red);
    pixel[1] = inverse(luma - 0.344136 * blue - 0.714136 * red);
    pixel[2] = inverse(luma + 1.772 * blue);
  }

  private static int inverse(double value) {
    return 255 - (int) Math.max(0, Math.min(255, Math.round(value)));
  }
}
