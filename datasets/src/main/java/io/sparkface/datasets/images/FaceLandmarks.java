package io.sparkface.datasets.images;

import java.util.List;

/**
 * The five points faces are aligned by. Left and right are the picture's, not the person's: {@code
 * leftEye} has the smaller x on an upright face.
 */
public record FaceLandmarks(
    Point leftEye, Point rightEye, Point nose, Point leftMouth, Point rightMouth) {
  /** Where the points of an aligned face of 112x112 lie (spec 1.9, InsightFace's template). */
  public static final FaceLandmarks TEMPLATE =
      of(
          new double[] {
            38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.729904,
            92.2041
          });

  /** Pixels of a side of the picture {@link #TEMPLATE} belongs to. */
  public static final int TEMPLATE_SIZE = 112;

  /**
   * @param xy x1, y1, … x5, y5 in the record's order
   */
  public static FaceLandmarks of(double[] xy) {
    if (xy.length != 10) {
      throw new IllegalArgumentException(xy.length + " numbers are not five points");
    }
    return new FaceLandmarks(
        new Point(xy[0], xy[1]),
        new Point(xy[2], xy[3]),
        new Point(xy[4], xy[5]),
        new Point(xy[6], xy[7]),
        new Point(xy[8], xy[9]));
  }

  public List<Point> points() {
    return List.of(leftEye, rightEye, nose, leftMouth, rightMouth);
  }
}
