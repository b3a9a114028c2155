package io.sparkface.pipeline.align;

import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.detect.Box;
import io.sparkface.pipeline.detect.DetectedFace;
import java.util.Comparator;
import java.util.List;

/** Which of a photo's faces is its person's. */
public enum FaceChoice {
  /** The one the detector is surest of, as the original. */
  SCORE,
  /** The one with the largest box. */
  LARGEST,
  /** The one whose box has its centre nearest to the photo's. */
  CENTRAL;

  /** All faces, the chosen one first. */
  public List<DetectedFace> ordered(List<DetectedFace> faces, RgbImage photo) {
    Comparator<DetectedFace> order =
        switch (this) {
          case SCORE -> Comparator.comparingDouble(face -> -face.score());
          case LARGEST -> Comparator.comparingDouble(face -> -face.box().area());
          case CENTRAL -> Comparator.comparingDouble(face -> fromCentre(face.box(), photo));
        };
    return faces.stream().sorted(order).toList();
  }

  private static double fromCentre(Box box, RgbImage photo) {
    return Math.hypot(
        (box.left() + box.right()) / 2 - photo.width() / 2.0,
        (box.top() + box.bottom()) / 2 - photo.height() / 2.0);
  }
}
