package io.sparkface.datasets.images;

/** Portable any-map: P2/P3 in text, P5/P6 in bytes, up to 8 bits a value. */
final class Pnm {
  private final byte[] bytes;
  private int position = 2;

  private Pnm(byte[] bytes) {
    this.bytes = bytes;
  }

  static ImageHeader header(byte[] bytes) {
    Pnm pnm = new Pnm(bytes);
    return new ImageHeader(ImageHeader.Format.PNM, pnm.number(), pnm.number());
  }

  static RgbImage decode(byte[] bytes, String where) {
    Pnm pnm = new Pnm(bytes);
    int width = pnm.number();
    int height = pnm.number();
    int most = pnm.number();
    char kind = (char) bytes[1];
    boolean text = kind == '2' || kind == '3';
    int channels = kind == '2' || kind == '5' ? 1 : 3;
    if (kind == '4' || most < 1 || most > 255) {
      throw ImageHeader.damaged("PNM of kind P" + kind + " with values to " + most, where, null);
    }
    if (!text) {
      pnm.position++;
      if ((long) bytes.length - pnm.position < (long) width * height * channels) {
        throw ImageHeader.damaged("the PNM picture is cut", where, null);
      }
    }
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      for (int c = 0; c < channels; c++) {
        int value = text ? pnm.number() : bytes[pnm.position++] & 255;
        rgb[3 * i + c] = (byte) Math.min(255, value * 255 / most);
      }
      if (channels == 1) {
        rgb[3 * i + 1] = rgb[3 * i];
        rgb[3 * i + 2] = rgb[3 * i];
      }
    }
    return new RgbImage(width, height, rgb);
  }

  /** The next number in text, past white space and comments. */
  private int number() {
    while (bytes[position] <= ' ' || bytes[position] == '#') {
      if (bytes[position] == '#') {
        while (bytes[position] != '\n') {
          position++;
        }
      }
      position++;
    }
    int value = 0;
    int digits = 0;
    while (position < bytes.length && bytes[position] >= '0' && bytes[position] <= '9') {
      value = value * 10 + bytes[position++] - '0';
      if (++digits > 6) {
        return Integer.MAX_VALUE;
      }
    }
    if (digits == 0) {
      throw new IndexOutOfBoundsException("no number at byte " + position);
    }
    return value;
  }
}
