package io.sparkface.pipeline.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.datasets.images.FaceAlignment;
import io.sparkface.datasets.images.FaceLandmarks;
import io.sparkface.datasets.images.Point;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.detect.Box;
import io.sparkface.pipeline.detect.DetectedFace;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaceChoiceTest {
  private static final DetectedFace SURE = face(0, 0, 10, 10, 0.9);
  private static final DetectedFace LARGE = face(60, 50, 100, 90, 0.6);
  private static final DetectedFace MIDDLE = face(40, 40, 55, 55, 0.5);

  private static DetectedFace face(double l, double t, double r, double b, double score) {
    return new DetectedFace(new Box(l, t, r, b), score, FaceLandmarks.TEMPLATE);
  }

  @Test
  void eachChoiceComesFirst() {
    RgbImage photo = new RgbImage(100, 100, new byte[30_000]);
    List<DetectedFace> faces = List.of(MIDDLE, LARGE, SURE);
    assertThat(FaceChoice.SCORE.ordered(faces, photo)).containsExactly(SURE, LARGE, MIDDLE);
    assertThat(FaceChoice.LARGEST.ordered(faces, photo)).containsExactly(LARGE, MIDDLE, SURE);
    assertThat(FaceChoice.CENTRAL.ordered(faces, photo)).containsExactly(MIDDLE, LARGE, SURE);
  }

  @Test
  void judgesSharpnessPoseAndFit() {
    byte[] board = new byte[3 * 112 * 112];
    byte[] flat = new byte[3 * 112 * 112];
    for (int i = 0; i < 112 * 112; i++) {
      byte value = (byte) ((i / 112 + i % 112) % 2 == 0 ? 255 : 0);
      board[3 * i] = value;
      board[3 * i + 1] = value;
      board[3 * i + 2] = value;
    }
    FaceQuality sharp = quality(new RgbImage(112, 112, board), FaceLandmarks.TEMPLATE);
    // the Laplacian of the board is ±1020
    assertThat(sharp.sharpness()).isCloseTo(1020.0 * 1020, within(1.0));
    assertThat(sharp.misfit()).isCloseTo(0, within(1e-6));
    assertThat(sharp.frontality()).isGreaterThan(0.98);
    FaceLandmarks t = FaceLandmarks.TEMPLATE;
    FaceLandmarks profile =
        new FaceLandmarks(
            t.leftEye(), t.rightEye(), new Point(38.3, 71.7), t.leftMouth(), t.rightMouth());
    FaceQuality side = quality(new RgbImage(112, 112, flat), profile);
    assertThat(side.sharpness()).isZero();
    assertThat(side.frontality()).isLessThan(0.02);
    assertThat(side.misfit()).isGreaterThan(4);
  }

  private static FaceQuality quality(RgbImage face, FaceLandmarks landmarks) {
    return FaceQuality.of(face, landmarks, FaceAlignment.SIMILARITY.transform(landmarks, 112));
  }

  @ParameterizedTest
  @CsvSource({
    "JPG,a.jpg,0,a.jpg",
    "JPG,a.JPEG,1,a.face2.JPEG",
    "JPG,1.pgm,0,1.pgm.jpg",
    "PNG,a.b.png,2,a.b.face3.png",
    "PNG,a.jpg,0,a.jpg.png"
  })
  void namesFilesAfterTheirPhotos(
      FaceCutting.Format format, String photo, int face, String expected) {
    assertThat(format.fileName(photo, face)).isEqualTo(expected);
  }
}
