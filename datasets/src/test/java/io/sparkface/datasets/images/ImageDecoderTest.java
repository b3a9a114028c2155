package io.sparkface.datasets.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ImageDecoderTest {
  private static RgbImage halves() {
    byte[] rgb = new byte[3 * 16 * 16];
    for (int i = 0; i < 256; i++) {
      rgb[3 * i + (i % 16 < 8 ? 0 : 2)] = (byte) 200;
    }
    return new RgbImage(16, 16, rgb);
  }

  /** Left red, right blue: catches swapped channels and mirrored rows. */
  @Test
  void jpegKeepsChannelsAndSides() {
    RgbImage back = ImageDecoder.decode(ImageEncoder.jpeg(halves(), 0.95), "memory");
    assertThat(back.rgb()[3 * 2] & 255).isCloseTo(200, within(25));
    assertThat(back.rgb()[3 * 2 + 2] & 255).isLessThan(40);
    assertThat(back.rgb()[3 * 13 + 2] & 255).isCloseTo(200, within(25));
    assertThat(back.flipped().flipped().rgb()).isEqualTo(back.rgb());
    assertThat(back.flipped().rgb()[2] & 255).isCloseTo(200, within(25));
  }

  @Test
  void greyMapsGetThreeEqualChannels() {
    byte[] pgm = "P5\n# note\n2 1\n255\nAz".getBytes(StandardCharsets.US_ASCII);
    assertThat(ImageDecoder.decode(pgm, "memory").rgb())
        .isEqualTo(new byte[] {'A', 'A', 'A', 'z', 'z', 'z'});
  }

  @Test
  void readsRealFaces() throws IOException {
    byte[] orl = Files.readAllBytes(Fixtures.path("faces/att_orl/s1/1.pgm"));
    assertThat(ImageHeader.of(orl, "s1"))
        .isEqualTo(new ImageHeader(ImageHeader.Format.PNM, 92, 112));
    assertThat(ImageDecoder.decode(orl, "s1").rgb()).hasSize(3 * 92 * 112);
  }

  @Test
  void refusesCutAndHugePictures() {
    byte[] jpeg = ImageEncoder.jpeg(halves(), 0.9);
    assertThatThrownBy(() -> ImageHeader.of(Arrays.copyOf(jpeg, jpeg.length - 80), "a.jpg"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("cut");
    byte[] bomb = "P5\n99999 99999\n255\n".getBytes(StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> ImageHeader.of(bomb, "b.pgm")).hasMessageContaining("99999x99999");
    byte[] wide = "P5\n16000 16000\n255\n".getBytes(StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> ImageHeader.of(wide, "c.pgm"))
        .hasMessageContaining("256000000 pixels");
  }

  /**
   * JPEGs: baseline, progressive, subsampled, grey, CMYK, with an EXIF orientation; PNG: colour,
   * palette, grey, 16 bits, alpha; BMP, PGM, PPM. The values are Pillow's, which OpenCV's equal.
   */
  @Test
  void everyVariantIsWithinOneGreyLevelOfOtherDecoders() throws IOException {
    for (String line : resource("expected.tsv").lines().toList()) {
      String[] words = line.split("\t");
      RgbImage picture = ImageDecoder.decode(bytes(words[0]), words[0]);
      assertThat(picture.width()).isEqualTo(40);
      for (int i = 1; i < words.length; i++) {
        int[] at = numbers(words[i].split(":")[0]);
        int[] expected = numbers(words[i].split(":")[1]);
        for (int c = 0; c < 3; c++) {
          assertThat(picture.rgb()[3 * (at[1] * 40 + at[0]) + c] & 255)
              .as("%s %s", words[0], words[i])
              .isCloseTo(expected[c], within(1));
        }
      }
    }
  }

  private static int[] numbers(String text) {
    return Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
  }

  private static String resource(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = ImageDecoderTest.class.getResourceAsStream("/pictures/" + name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void resizingKeepsAFlatPicture() {
    byte[] grey = new byte[3 * 10 * 7];
    Arrays.fill(grey, (byte) 77);
    assertThat(new RgbImage(10, 7, grey).resized(23, 5).rgb()).containsOnly(77);
    assertThat(new RgbImage(10, 7, grey).resizedCubic(23, 5).rgb()).containsOnly(77);
    assertThat(halves().resizedCubic(16, 16).rgb()).isEqualTo(halves().rgb());
  }

  /** White becomes 0.99609, not 1 (trap 16). */
  @Test
  void normalisesAsTheOriginal() {
    float[] out = new float[3];
    Normalisation.FACE.toNhwc(new RgbImage(1, 1, new byte[] {0, 127, (byte) 255}), out, 0);
    assertThat(out).containsExactly(-0.99609375f, -0.00390625f, 0.99609375f);
  }

  /** Any bytes are either a picture or a {@link UserError}. */
  @FuzzTest
  void anyBytesAreAPictureOrRefused(byte[] bytes) {
    try {
      ImageHeader header = ImageHeader.of(bytes, "fuzz");
      if ((long) header.width() * header.height() < 1 << 20) {
        ImageDecoder.decode(bytes, "fuzz");
      }
    } catch (UserError expected) {
      assertThat(expected.where()).isEqualTo("fuzz");
    }
  }
}
