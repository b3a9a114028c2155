package io.sparkface.pipeline.detect;

import io.sparkface.datasets.images.FaceLandmarks;
import io.sparkface.datasets.images.Point;
import io.sparkface.datasets.images.RgbImage;

/**
 * A photo as a detector gets it: scaled, and laid on black of the size the network takes.
 *
 * @param scaleX columns of the canvas per column of the photo
 * @param scaleY rows of the canvas per row of the photo: whole pixels make it differ a little
 * @param left column of the canvas where the photo begins
 * @param top row of the canvas where the photo begins
 */
record Canvas(RgbImage picture, double scaleX, double scaleY, int left, int top) {
  /** The photo in the top left corner. */
  static Canvas cornered(RgbImage photo, double scale, int width, int height) {
    return placed(photo, scale, width, height, Place.CORNER);
  }

  /** The photo with a black frame around it. */
  static Canvas framed(RgbImage photo, double scale, int width, int height) {
    return placed(photo, scale, width, height, Place.CENTRE);
  }

  private enum Place {
    CORNER,
    CENTRE
  }

  private static Canvas placed(RgbImage photo, double fit, int width, int height, Place place) {
    int scaledWidth = Math.max(1, (int) (photo.width() * fit + 1e-9));
    int scaledHeight = Math.max(1, (int) (photo.height() * fit + 1e-9));
    RgbImage scaled =
        scaledWidth == photo.width() && scaledHeight == photo.height()
            ? photo
            : photo.resized(scaledWidth, scaledHeight);
    int left = place == Place.CENTRE ? (width - scaledWidth) / 2 : 0;
    int top = place == Place.CENTRE ? (height - scaledHeight) / 2 : 0;
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0; y < scaledHeight; y++) {
      System.arraycopy(
          scaled.rgb(), 3 * y * scaledWidth, rgb, 3 * ((top + y) * width + left), 3 * scaledWidth);
    }
    return new Canvas(
        new RgbImage(width, height, rgb),
        (double) scaledWidth / photo.width(),
        (double) scaledHeight / photo.height(),
        left,
        top);
  }

  int width() {
    return picture.width();
  }

  int height() {
    return picture.height();
  }

  /** A face of the canvas where it is in the photo. */
  DetectedFace inPhoto(DetectedFace face) {
    Box box = face.box();
    FaceLandmarks points = face.landmarks();
    return new DetectedFace(
        new Box(x(box.left()), y(box.top()), x(box.right()), y(box.bottom())),
        face.score(),
        new FaceLandmarks(
            inPhoto(points.leftEye()),
            inPhoto(points.rightEye()),
            inPhoto(points.nose()),
            inPhoto(points.leftMouth()),
            inPhoto(points.rightMouth())));
  }

  private Point inPhoto(Point p) {
    return new Point(x(p.x()), y(p.y()));
  }

  private double x(double column) {
    return (column - left) / scaleX;
  }

  private double y(double row) {
    return (row - top) / scaleY;
  }
}
