package io.sparkface.pipeline.detect;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.ImageHeader;
import io.sparkface.datasets.images.Orientation;
import io.sparkface.datasets.images.RgbImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Photos as cameras write them, turned as EXIF says. */
public final class Photo {
  /** The largest picture that is decoded, without compression. */
  private static final int MOST_BYTES = 4 * ImageHeader.MOST_PIXELS;

  private Photo() {}

  /**
   * An encoded photo.
   *
   * @throws UserError when there is no such file, or it is larger than any photo: before memory is
   *     asked for
   */
  public static byte[] read(Path file, Configuration hadoop) throws IOException {
    FileSystem fs = file.getFileSystem(hadoop);
    FileStatus status;
    try {
      status = fs.getFileStatus(file);
    } catch (FileNotFoundException e) {
      throw new UserError("there is no such picture", file.toString(), "check the name", e);
    }
    if (status.isDirectory()) {
      throw new UserError("it is a folder, not a picture", file.toString(), "name its pictures");
    }
    if (status.getLen() > MOST_BYTES) {
      throw new UserError(
          "the file has " + status.getLen() + " bytes, more than the largest picture",
          file.toString(),
          "make the picture smaller, or remove it");
    }
    try (InputStream in = fs.open(file)) {
      return in.readNBytes((int) status.getLen());
    }
  }

  /**
   * @param encoded JPEG, PNG, BMP or PNM
   * @param where named in errors
   * @throws UserError when it cannot be decoded, or its header claims more than {@link
   *     ImageHeader#MOST_PIXELS} pixels or {@link ImageHeader#MOST_PIXELS_A_SIDE} a side
   */
  public static RgbImage decode(byte[] encoded, String where) {
    return Orientation.of(encoded).upright(ImageDecoder.decode(encoded, where));
  }

  /**
   * Reads and decodes a file.
   *
   * @throws UserError as {@link #read} and {@link #decode}
   */
  public static RgbImage open(Path file, Configuration hadoop) throws IOException {
    return decode(read(file, hadoop), file.toString());
  }
}
