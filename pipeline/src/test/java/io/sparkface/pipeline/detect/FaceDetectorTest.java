package io.sparkface.pipeline.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.images.Point;
import io.sparkface.datasets.images.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected numbers are those of a NumPy decoder run by ONNX Runtime for Python. */
class FaceDetectorTest {
  private static final String SCRFD = "models/scrfd_500m_kps.onnx";
  private static final String YUNET = "models/yunet_n_dynamic.onnx";

  static FaceDetector open(String fixture) {
    return FaceDetector.open(
        Fixtures.path(fixture).toString(), Detection.AS_PUBLISHED, 1, new Configuration());
  }

  static RgbImage photo(String fixture) throws IOException {
    Path path = Fixtures.path(fixture);
    return Photo.decode(Files.readAllBytes(path), path.toString());
  }

  /** Counts may differ by faces near the least score, as resizing rounds differently. */
  @ParameterizedTest
  @CsvSource({
    SCRFD + ",photos/group.jpg,115,0.887,280.94 696.88 335.32 765.79,295.8 723.0 320.6 722.3",
    SCRFD + ",photos/s_l.jpg,2,0.786,259.78 54.76 344.28 163.79,271.9 108.8 305.7 99.0",
    SCRFD + ",photos/selfie.jpg,116,0.886,359.50 892.03 429.19 980.93,378.6 926.0 410.3 925.2",
    YUNET + ",photos/group.jpg,491,0.944,1187.13 505.24 1221.90 551.75,1197.2 520.9 1214.2 521.0",
    YUNET + ",photos/s_l.jpg,2,0.939,141.12 79.31 211.19 169.75,154.5 111.9 187.7 112.6"
  })
  void findsWhatTheReferenceFinds(
      String model, String file, int count, double score, String box, String eyes)
      throws IOException {
    try (FaceDetector detector = open(model)) {
      List<DetectedFace> faces = detector.detect(photo(file));
      assertThat(faces.size()).isBetween(count - count / 50, count + count / 50);
      double[] wanted = numbers(box);
      DetectedFace found =
          faces.stream()
              .filter(
                  f -> f.box().overlap(new Box(wanted[0], wanted[1], wanted[2], wanted[3])) > 0.9)
              .findFirst()
              .orElseThrow();
      assertThat(found.score()).isCloseTo(score, within(0.01));
      assertThat(new double[] {found.box().left(), found.box().top()})
          .containsExactly(new double[] {wanted[0], wanted[1]}, within(1.0));
      assertThat(new double[] {found.box().right(), found.box().bottom()})
          .containsExactly(new double[] {wanted[2], wanted[3]}, within(1.0));
      Point left = found.landmarks().leftEye();
      Point right = found.landmarks().rightEye();
      assertThat(new double[] {left.x(), left.y(), right.x(), right.y()})
          .containsExactly(numbers(eyes), within(1.0));
    }
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  /** Without the frame SCRFD finds 4 of 100 such faces. */
  @ParameterizedTest
  @ValueSource(strings = {SCRFD, YUNET})
  void findsAFaceThatFillsAGreyPhoto(String model) throws IOException {
    try (FaceDetector detector = open(model)) {
      for (int person = 1; person <= 5; person++) {
        RgbImage photo = photo("faces/att_orl/s" + person + "/1.pgm");
        List<DetectedFace> faces = detector.detect(photo);
        assertThat(faces).hasSize(1);
        Point nose = faces.get(0).landmarks().nose();
        assertThat(nose.x()).isBetween(25.0, 67.0);
        assertThat(nose.y()).isBetween(35.0, 85.0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SCRFD, YUNET})
  void findsNothingWhereNothingIs(String model) {
    try (FaceDetector detector = open(model)) {
      assertThat(detector.detect(new RgbImage(1, 1, new byte[3]))).isEmpty();
      assertThat(detector.detect(new RgbImage(3000, 1, new byte[9000]))).isEmpty();
      assertThat(detector.detect(new RgbImage(64, 48, new byte[3 * 64 * 48]))).isEmpty();
    }
  }

  @Test
  void anEmbeddingNetworkIsNoDetector() {
    assertThatThrownBy(() -> open("models/mobilefacenet_onnx/MobileFaceNet.onnx"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("not a face detector")
        .hasMessageContaining("output0 [1, 128]");
  }

  @Test
  void aFixedNetworkRefusesAnotherSize() {
    String model = Fixtures.path(SCRFD).toString();
    assertThatThrownBy(
            () ->
                FaceDetector.open(
                    model, new Detection(Double.NaN, Double.NaN, 320), 1, new Configuration()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("640x640 only");
  }
}
