package io.sparkface.datasets.images;

import io.sparkface.base.UserError;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Encoded pictures to RGB; grey ones get three equal channels, alpha is laid over black. Pixels
 * come as they are stored: {@link Orientation} is for photos, training sets carry none.
 *
 * <p>The JDK's own readers do the work, by name, as libraries on the class path may bring others.
 * They give the values of libjpeg-turbo within one grey level; {@code bench/run decode} times them
 * beside OpenCV's.
 */
public final class ImageDecoder {
  private static final Map<ImageHeader.Format, ImageReaderSpi> READERS = readers();

  private ImageDecoder() {}

  private static Map<ImageHeader.Format, ImageReaderSpi> readers() {
    Map<ImageHeader.Format, ImageReaderSpi> readers = new EnumMap<>(ImageHeader.Format.class);
    for (ImageHeader.Format format : ImageHeader.Format.values()) {
      for (Iterator<ImageReader> all = ImageIO.getImageReadersBySuffix(format.extension());
          all.hasNext(); ) {
        ImageReaderSpi reader = all.next().getOriginatingProvider();
        if (reader.getClass().getName().startsWith("com.sun.imageio.")) {
          readers.put(format, reader);
        }
      }
    }
    return Map.copyOf(readers);
  }

  /**
   * @param where named in the error
   * @throws UserError when the picture cannot be decoded
   */
  public static RgbImage decode(byte[] encoded, String where) {
    return decodeFloat(encoded, where).toBytes();
  }

  /** The same values, whose bytes stay as the reader laid them until they are asked for. */
  public static FloatImage decodeFloat(byte[] encoded, String where) {
    ImageHeader header = ImageHeader.of(encoded, where);
    try {
      return header.format() == ImageHeader.Format.PNM
          ? FloatImage.of(Pnm.decode(encoded, where))
          : read(encoded, header.format());
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw ImageHeader.damaged("the picture cannot be decoded: " + e.getMessage(), where, e);
    }
  }

  private static FloatImage read(byte[] encoded, ImageHeader.Format format) throws IOException {
    ImageReader reader = READERS.get(format).createReaderInstance();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      reader.setInput(in, true, true);
      return format == ImageHeader.Format.JPEG && FourColourJpeg.is(encoded)
          ? FloatImage.of(FourColourJpeg.read(reader, encoded))
          : values(reader.read(0));
    } finally {
      reader.dispose();
    }
  }

  private static FloatImage values(BufferedImage picture) {
    // the type says how the bytes lie; asking the raster for pixels copies them several times
    return picture.getType() == BufferedImage.TYPE_3BYTE_BGR
        ? FloatImage.ofBgr(
            picture.getWidth(),
            picture.getHeight(),
            ((DataBufferByte) picture.getRaster().getDataBuffer()).getData())
        : FloatImage.of(rgb(picture));
  }

  private static RgbImage rgb(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    byte[] out = new byte[3 * width * height];
    if (picture.getType() == BufferedImage.TYPE_BYTE_GRAY) {
      // not getRGB: it would apply a gamma to linear grey
      byte[] grey = (byte[]) picture.getRaster().getDataElements(0, 0, width, height, null);
      for (int i = 0; i < grey.length; i++) {
        out[3 * i] = grey[i];
        out[3 * i + 1] = grey[i];
        out[3 * i + 2] = grey[i];
      }
      return new RgbImage(width, height, out);
    }
    BufferedImage plain = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = plain.createGraphics();
    canvas.drawImage(picture, 0, 0, null);
    canvas.dispose();
    int[] pixels = plain.getRGB(0, 0, width, height, null, 0, width);
    for (int i = 0; i < pixels.length; i++) {
      out[3 * i] = (byte) (pixels[i] >> 16);
      out[3 * i + 1] = (byte) (pixels[i] >> 8);
      out[3 * i + 2] = (byte) pixels[i];
    }
    return new RgbImage(width, height, out);
  }
}
