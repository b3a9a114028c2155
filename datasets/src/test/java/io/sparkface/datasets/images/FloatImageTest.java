package io.sparkface.datasets.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FloatImageTest {
  private static final int WIDTH = 7;
  private static final int HEIGHT = 5;
  private static final RgbImage NOISE = noise();

  private static RgbImage noise() {
    byte[] bytes = new byte[3 * WIDTH * HEIGHT];
    new SplittableRandom(1).nextBytes(bytes);
    return new RgbImage(WIDTH, HEIGHT, bytes);
  }

  static Stream<UnaryOperator<FloatImage>> operations() {
    return Stream.of(
        image -> image,
        FloatImage::flipped,
        image -> image.flipped().flipped(),
        image -> image.filledFrom(3, 128).flipped(),
        image -> image.flipped().filledFrom(3, 128),
        image -> image.changed((channel, value) -> value * (channel + 1) - 30).filledFrom(2, 128),
        image -> image.changed((channel, value) -> value * (channel + 1) - 30).clipped().flipped(),
        image -> image.flipped().cropped(1, 1, 4, 3),
        image -> image.flipped().zoomed(1, 1, 4, 3, WIDTH, HEIGHT),
        image -> FloatImage.of(image.flipped().toBytes()));
  }

  private static byte[] blueFirst(byte[] rgb) {
    byte[] bgr = rgb.clone();
    for (int i = 0; i < bgr.length; i += 3) {
      bgr[i] = rgb[i + 2];
      bgr[i + 2] = rgb[i];
    }
    return bgr;
  }

  /** Whether a picture is kept as grey levels, in which order, or as values must not show. */
  @ParameterizedTest
  @MethodSource("operations")
  void greyLevelsAndValuesAreTheSamePicture(UnaryOperator<FloatImage> operation) {
    same(operation, FloatImage.of(NOISE));
    same(operation, FloatImage.ofBgr(WIDTH, HEIGHT, blueFirst(NOISE.rgb())));
  }

  private static void same(UnaryOperator<FloatImage> operation, FloatImage bytes) {
    FloatImage levels = operation.apply(bytes);
    FloatImage values =
        operation.apply(new FloatImage(WIDTH, HEIGHT, FloatImage.of(NOISE).rgb().clone()));
    for (int c = 0; c < 3; c++) {
      assertThat(levels.mean(c)).isCloseTo(values.mean(c), within(1e-9));
    }
    float[] written = new float[3 * levels.width() * levels.height() + 2];
    float[] expected = written.clone();
    Normalisation.IMAGENET.toNhwc(levels, FloatBuffer.wrap(written), 1);
    Normalisation.IMAGENET.toNhwc(values, FloatBuffer.wrap(expected), 1);
    assertThat(written).isEqualTo(expected);
    assertThat(levels.rgb()).isEqualTo(values.rgb());
    assertThat(levels.toBytes().rgb()).isEqualTo(values.toBytes().rgb());
  }

  @Test
  void theMirrorImageIsLeftForRight() {
    float[] plain = FloatImage.of(NOISE).rgb();
    float[] mirrored = FloatImage.of(NOISE).flipped().rgb();
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        for (int c = 0; c < 3; c++) {
          assertThat(mirrored[3 * (y * WIDTH + x) + c])
              .isEqualTo(plain[3 * (y * WIDTH + WIDTH - 1 - x) + c]);
        }
      }
    }
    assertThat(NOISE.flipped().rgb()).isEqualTo(FloatImage.of(NOISE).flipped().toBytes().rgb());
  }

  @Test
  void sizesAreChangedByTheDefinition() {
    for (int[] to : new int[][] {{14, 10}, {3, 2}, {7, 9}, {1, 1}, {20, 3}}) {
      float[] resized = FloatImage.of(NOISE).resized(to[0], to[1]).rgb();
      for (int y = 0; y < to[1]; y++) {
        for (int x = 0; x < to[0]; x++) {
          for (int c = 0; c < 3; c++) {
            double value =
                bilinear((x + 0.5) * WIDTH / to[0] - 0.5, (y + 0.5) * HEIGHT / to[1] - 0.5, c);
            assertThat((double) resized[3 * (y * to[0] + x) + c]).isCloseTo(value, within(1e-3));
          }
        }
      }
    }
  }

  private static double bilinear(double x, double y, int channel) {
    double sum = 0;
    for (int dy = 0; dy < 2; dy++) {
      for (int dx = 0; dx < 2; dx++) {
        double column = Math.floor(x) + dx;
        double row = Math.floor(y) + dy;
        double weight = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
        int nearX = (int) Math.max(0, Math.min(WIDTH - 1, column));
        int nearY = (int) Math.max(0, Math.min(HEIGHT - 1, row));
        sum += weight * (NOISE.rgb()[3 * (nearY * WIDTH + nearX) + channel] & 255);
      }
    }
    return sum;
  }
}
