package io.sparkface.pipeline.align;

import io.sparkface.datasets.images.FaceAlignment;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.detect.Detection;
import java.io.Serializable;

/**
 * How photos become aligned faces.
 *
 * @param detector path of the detector's {@code .onnx}
 * @param size pixels of a side of an aligned face
 */
public record FaceCutting(
    String detector,
    Detection detection,
    FaceAlignment alignment,
    int size,
    FaceChoice choice,
    Faces faces,
    FaceFilter filter,
    Format format)
    implements Serializable {

  /** How many faces of a photo are kept. */
  public enum Faces {
    ONE,
    ALL
  }

  /** How aligned faces are stored. */
  public enum Format {
    /** Quality 0.95. */
    JPG,
    /** Without loss. */
    PNG;

    byte[] encode(RgbImage face) {
      return this == JPG ? ImageEncoder.jpeg(face, 0.95) : ImageEncoder.png(face);
    }

    /** The photo's own name where it fits the format, else with the format's ending behind it. */
    String fileName(String photo, int face) {
      String lower = photo.toLowerCase(java.util.Locale.ROOT);
      boolean fits =
          this == JPG ? lower.endsWith(".jpg") || lower.endsWith(".jpeg") : lower.endsWith(".png");
      String ending =
          fits ? photo.substring(photo.lastIndexOf('.')) : this == JPG ? ".jpg" : ".png";
      String stem = fits ? photo.substring(0, photo.lastIndexOf('.')) : photo;
      return stem + (face == 0 ? "" : ".face" + (face + 1)) + ending;
    }
  }
}
