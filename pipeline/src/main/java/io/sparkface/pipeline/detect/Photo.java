package io.sparkface.pipeline.detect;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.ImageHeader;
import io.sparkface.datasets.images.Orientation;
import io.sparkface.datasets.images.RgbImage;

/** Photos as cameras write them: turned as EXIF says, and refused where they are bombs. */
public final class Photo {
  /** More than any phone's or full-frame camera's; 0.6 GB while it is decoded. */
  public static final int MOST_MEGAPIXELS = 100;

  private Photo() {}

  /**
   * @param encoded JPEG, PNG, BMP or PNM
   * @param where named in errors
   * @throws UserError when it cannot be decoded, or its header claims more than {@value
   *     #MOST_MEGAPIXELS} million pixels
   */
  public static RgbImage decode(byte[] encoded, String where) {
    ImageHeader header = ImageHeader.of(encoded, where);
    if ((long) header.width() * header.height() > MOST_MEGAPIXELS * 1_000_000L) {
      throw new UserError(
          "the picture claims to be "
              + header.width()
              + "x"
              + header.height()
              + ", the limit is "
              + MOST_MEGAPIXELS
              + " million pixels",
          where,
          "make it smaller, or remove it");
    }
    return Orientation.of(encoded).upright(ImageDecoder.decode(encoded, where));
  }
}
