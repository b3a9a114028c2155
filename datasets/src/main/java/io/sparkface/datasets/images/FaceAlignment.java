package io.sparkface.datasets.images;

import java.util.List;

/** How a face is brought to the place and size networks expect (spec 1.9). */
public enum FaceAlignment {
  /** Rotation, one scale, shift: keeps a face's proportions. What published networks are fed. */
  SIMILARITY,
  /** Six free numbers: brings the five points nearer to the template, and distorts. */
  AFFINE;

  /**
   * The map from a photo to the aligned face.
   *
   * @param size pixels of a side of the aligned face; the template is scaled to it
   * @throws IllegalArgumentException when the landmarks are in one place or on one line
   */
  public PlaneTransform transform(FaceLandmarks landmarks, int size) {
    List<Point> template = FaceLandmarks.TEMPLATE.points();
    if (size != FaceLandmarks.TEMPLATE_SIZE) {
      double scale = (double) size / FaceLandmarks.TEMPLATE_SIZE;
      template = template.stream().map(p -> new Point(p.x() * scale, p.y() * scale)).toList();
    }
    return switch (this) {
      case SIMILARITY -> PlaneTransform.similarity(landmarks.points(), template);
      case AFFINE -> PlaneTransform.affine(landmarks.points(), template);
    };
  }

  /** The aligned face, {@code size} pixels a side. */
  public RgbImage align(RgbImage photo, FaceLandmarks landmarks, int size) {
    return transform(landmarks, size).warp(photo, size, size);
  }
}
