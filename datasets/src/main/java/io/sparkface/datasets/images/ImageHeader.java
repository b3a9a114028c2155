package io.sparkface.datasets.images;

import io.sparkface.base.UserError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Format and size of an encoded picture, read without decoding it, so that a picture that claims to
 * be huge is refused before memory is asked for.
 */
public record ImageHeader(Format format, int width, int height) {
  /** Largest width and height that are decoded. */
  public static final int MOST_PIXELS_A_SIDE = 16_384;

  /** Most pixels that are decoded: 200 MB as bytes, and as much again while it is done. */
  public static final int MOST_PIXELS = 1 << 26;

  /** Formats Sparkface reads. */
  public enum Format {
    JPEG("jpg"),
    PNG("png"),
    BMP("bmp"),
    PNM("pgm");

    private final String extension;

    Format(String extension) {
      this.extension = extension;
    }

    public String extension() {
      return extension;
    }
  }

  /**
   * @param where named in the error
   * @throws UserError when the bytes are no picture of a known format, are cut, or too large
   */
  public static ImageHeader of(byte[] encoded, String where) {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    try {
      if (encoded.length > 24 && in.getLong(0) == 0x89504E470D0A1A0AL) {
        return new ImageHeader(Format.PNG, in.getInt(16), in.getInt(20)).checked(where);
      }
      if (encoded.length > 26 && encoded[0] == 'B' && encoded[1] == 'M') {
        in.order(ByteOrder.LITTLE_ENDIAN);
        return new ImageHeader(Format.BMP, in.getInt(18), Math.abs(in.getInt(22))).checked(where);
      }
      if (encoded.length > 8 && encoded[0] == 'P' && encoded[1] >= '2' && encoded[1] <= '6') {
        return Pnm.header(encoded).checked(where);
      }
      if (encoded.length > 4 && (in.getInt(0) >>> 8) == 0xFFD8FF) {
        return jpeg(in, where).checked(where);
      }
    } catch (IndexOutOfBoundsException e) {
      throw damaged("the picture's header is cut", where, e);
    }
    throw damaged("not a JPEG, PNG, BMP or PNM picture", where, null);
  }

  private static ImageHeader jpeg(ByteBuffer in, String where) {
    int position = 2;
    while (true) {
      int marker = in.getShort(position) & 0xFFFF;
      if (marker == 0xFFFF) {
        position++;
        continue;
      }
      int length = in.getShort(position + 2) & 0xFFFF;
      if (isFrame(marker)) {
        if (!endsAsJpeg(in)) {
          throw damaged("the JPEG has no end marker: it is cut", where, null);
        }
        return new ImageHeader(
            Format.JPEG, in.getShort(position + 7) & 0xFFFF, in.getShort(position + 5) & 0xFFFF);
      }
      if (marker < 0xFFC0 || length < 2) {
        throw damaged("the JPEG has a damaged marker at byte " + position, where, null);
      }
      position += 2 + length;
    }
  }

  /** Whether a JPEG's marker begins a frame: size and components. */
  static boolean isFrame(int marker) {
    return marker >= 0xFFC0
        && marker <= 0xFFCF
        && marker != 0xFFC4
        && marker != 0xFFC8
        && marker != 0xFFCC;
  }

  /** Some writers pad the end marker with a few bytes. */
  private static boolean endsAsJpeg(ByteBuffer in) {
    for (int i = in.limit() - 2; i >= Math.max(0, in.limit() - 64); i--) {
      if (in.getShort(i) == (short) 0xFFD9) {
        return true;
      }
    }
    return false;
  }

  private ImageHeader checked(String where) {
    if (width < 1 || height < 1 || width > MOST_PIXELS_A_SIDE || height > MOST_PIXELS_A_SIDE) {
      throw damaged(
          "the picture claims to be "
              + width
              + "x"
              + height
              + ", the limit is "
              + MOST_PIXELS_A_SIDE,
          where,
          null);
    }
    if ((long) width * height > MOST_PIXELS) {
      throw damaged(
          "the picture claims " + (long) width * height + " pixels, the limit is " + MOST_PIXELS,
          where,
          null);
    }
    return this;
  }

  static UserError damaged(String problem, String where, Throwable cause) {
    return new UserError(
        problem, where, "remove the picture, or run with --on-bad-record=quarantine", cause);
  }
}
