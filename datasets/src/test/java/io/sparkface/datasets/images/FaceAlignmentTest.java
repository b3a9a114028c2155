package io.sparkface.datasets.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected numbers are scikit-image's, NumPy's and OpenCV's for the same points and picture. */
class FaceAlignmentTest {
  private record Fit(double[] landmarks, double[] similarity, double[] affine) {}

  /** A usual face, one on its side, and one with its eyes exchanged: never answered by a mirror. */
  static List<Fit> fits() {
    return List.of(
        new Fit(
            new double[] {150.2, 101.7, 196.4, 96.3, 178.9, 127.5, 158.1, 152.2, 195.3, 147.8},
            new double[] {
              0.777490776, -0.062958368, -72.76507595, 0.062958368, 0.777490776, -36.43013812
            },
            new double[] {
              0.760758071, -0.049259207, -71.537566055, 0.083564718, 0.789133636, -41.508843957
            }),
        new Fit(
            new double[] {60.5, 40.25, 52.0, 90.75, 85.3, 68.1, 105.9, 45.6, 98.2, 88.4},
            new double[] {
              -0.045422254, -0.079575913, 64.978548966, 0.079575913, -0.045422254, 68.530498667
            },
            new double[] {
              -0.020319721, 0.6868811, 11.89944113, 0.869345966, 0.14323435, -7.519521156
            }),
        new Fit(
            new double[] {300, 80, 250, 82, 275, 110, 295, 140, 255, 141},
            new double[] {
              0.170943195, 0.009868884, 7.925283527, -0.009868884, 0.170943195, 55.70840568
            },
            new double[] {
              -0.714282603, 0.003753488, 252.038740786, 0.027298152, 0.683724439, -11.226134581
            }));
  }

  @ParameterizedTest
  @MethodSource("fits")
  void fitsAsTheReferences(Fit fit) {
    FaceLandmarks landmarks = FaceLandmarks.of(fit.landmarks());
    assertThat(numbers(FaceAlignment.SIMILARITY.transform(landmarks, 112)))
        .containsExactly(fit.similarity(), within(1e-6));
    assertThat(numbers(FaceAlignment.AFFINE.transform(landmarks, 112)))
        .containsExactly(fit.affine(), within(1e-6));
  }

  private static double[] numbers(PlaneTransform t) {
    return new double[] {t.a(), t.b(), t.c(), t.d(), t.e(), t.f()};
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencv", "skimage"})
  void warpsWithinTwoGreyLevelsOfTheReferences(String reference) throws IOException {
    FaceLandmarks landmarks =
        FaceLandmarks.of(new double[] {28.3, 20.1, 49.7, 23.4, 37.2, 33.3, 27.5, 41.2, 45.1, 44.0});
    byte[] ours = FaceAlignment.SIMILARITY.align(picture("waves.png"), landmarks, 112).rgb();
    byte[] theirs = picture("waves_aligned_" + reference + ".png").rgb();
    assertThat(ours).hasSameSizeAs(theirs);
    int largest = 0;
    for (int i = 0; i < ours.length; i++) {
      largest = Math.max(largest, Math.abs((ours[i] & 255) - (theirs[i] & 255)));
    }
    assertThat(largest).isLessThanOrEqualTo(2);
  }

  private static RgbImage picture(String name) throws IOException {
    try (InputStream in = FaceAlignmentTest.class.getResourceAsStream(name)) {
      return ImageDecoder.decode(in.readAllBytes(), name);
    }
  }

  @Test
  void aFaceOnTheTemplateStaysAsItIs() throws IOException {
    RgbImage face = picture("waves_aligned_opencv.png");
    for (FaceAlignment fit : FaceAlignment.values()) {
      assertThat(fit.align(face, FaceLandmarks.TEMPLATE, 112).rgb()).isEqualTo(face.rgb());
    }
  }

  @Test
  void anotherSizeScalesTheTemplate() {
    Point eye =
        FaceAlignment.SIMILARITY
            .transform(FaceLandmarks.TEMPLATE, 224)
            .apply(FaceLandmarks.TEMPLATE.leftEye());
    assertThat(eye.x()).isCloseTo(2 * 38.2946, within(1e-6));
    assertThat(eye.y()).isCloseTo(2 * 51.6963, within(1e-6));
  }

  @Test
  void pointsThatFixNoFaceAreRefused() {
    FaceLandmarks onePlace = FaceLandmarks.of(new double[10]);
    assertThatThrownBy(() -> FaceAlignment.SIMILARITY.transform(onePlace, 112))
        .hasMessageContaining("one place");
    FaceLandmarks line = FaceLandmarks.of(new double[] {1, 1, 2, 2, 3, 3, 4, 4, 5, 5});
    assertThatThrownBy(() -> FaceAlignment.AFFINE.transform(line, 112))
        .hasMessageContaining("one line");
  }
}
