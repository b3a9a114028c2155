package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import java.io.Serializable;

/**
 * What happens to each picture before it is stored.
 *
 * @param side pixels pictures are resized to, both ways; 0 leaves all as they are. A picture that
 *     has this size keeps its bytes, another one is written anew as JPEG
 * @param decoding whether every picture is decoded, and those whose pixels are damaged are bad
 *     records; else only header and end are looked at
 */
public record PictureRules(int side, Decoding decoding) implements Serializable {
  /** Bytes unchanged. */
  public static final PictureRules UNCHANGED = new PictureRules(0, Decoding.HEADER);

  private static final double QUALITY = 0.95;

  /** How closely pictures are looked at. */
  public enum Decoding {
    HEADER,
    PIXELS
  }

  Entry apply(Entry.Good face) {
    boolean fits = side == 0 || face.width() == side && face.height() == side;
    if (fits && decoding == Decoding.HEADER) {
      return face;
    }
    RgbImage picture;
    try {
      picture = ImageDecoder.decode(face.image(), face.where());
    } catch (UserError e) {
      return face.bad(e.problem());
    }
    return fits
        ? face
        : face.withPicture(
            ImageEncoder.jpeg(picture.resizedCubic(side, side), QUALITY), side, side);
  }
}
