package io.sparkface.pipeline.align;

import io.sparkface.datasets.images.FaceLandmarks;
import io.sparkface.datasets.images.PlaneTransform;
import io.sparkface.datasets.images.Point;
import io.sparkface.datasets.images.RgbImage;

/**
 * How well a face will serve.
 *
 * @param sharpness variance of the aligned face's Laplacian (3x3, luma 0 to 255): below about 50 a
 *     face is blurred or was enlarged a lot
 * @param frontality 1 where the nose is midway between the eyes, 0 where it is at an eye or beyond
 * @param misfit root mean square distance of the aligned points from the template's, in pixels of
 *     112: of faces seen from the side and of wrong landmarks it is large
 */
public record FaceQuality(double sharpness, double frontality, double misfit) {
  static FaceQuality of(RgbImage aligned, FaceLandmarks landmarks, PlaneTransform transform) {
    return new FaceQuality(
        sharpness(aligned), frontality(landmarks), misfit(landmarks, transform, aligned.width()));
  }

  private static double sharpness(RgbImage face) {
    int width = face.width();
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (int y = 1; y < face.height() - 1; y++) {
      for (int x = 1; x < width - 1; x++) {
        int at = y * width + x;
        double laplacian =
            luma(face, at - width)
                + luma(face, at + width)
                + luma(face, at - 1)
                + luma(face, at + 1)
                - 4 * luma(face, at);
        sum += laplacian;
        squares += laplacian * laplacian;
        count++;
      }
    }
    return count == 0 ? 0 : squares / count - sum / count * (sum / count);
  }

  private static double luma(RgbImage image, int pixel) {
    byte[] rgb = image.rgb();
    return 0.299 * (rgb[3 * pixel] & 255)
        + 0.587 * (rgb[3 * pixel + 1] & 255)
        + 0.114 * (rgb[3 * pixel + 2] & 255);
  }

  private static double frontality(FaceLandmarks points) {
    double x = points.rightEye().x() - points.leftEye().x();
    double y = points.rightEye().y() - points.leftEye().y();
    double along =
        ((points.nose().x() - points.leftEye().x()) * x
                + (points.nose().y() - points.leftEye().y()) * y)
            / Math.max(1e-9, x * x + y * y);
    return Math.max(0, 1 - Math.abs(2 * along - 1));
  }

  private static double misfit(FaceLandmarks landmarks, PlaneTransform transform, int size) {
    double scale = (double) size / FaceLandmarks.TEMPLATE_SIZE;
    double squares = 0;
    for (int i = 0; i < 5; i++) {
      Point found = transform.apply(landmarks.points().get(i));
      Point wanted = FaceLandmarks.TEMPLATE.points().get(i);
      double dx = found.x() / scale - wanted.x();
      double dy = found.y() / scale - wanted.y();
      squares += dx * dx + dy * dy;
    }
    return Math.sqrt(squares / 5);
  }
}
