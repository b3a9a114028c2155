package io.sparkface.pipeline.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Photos as strangers hand them in. */
class PhotoTest {
  @TempDir Path folder;

  private static RgbImage halves() {
    byte[] rgb = new byte[3 * 40 * 20];
    for (int i = 0; i < 40 * 20; i++) {
      Arrays.fill(rgb, 3 * i, 3 * i + 3, (byte) (i % 40 < 20 ? 230 : 20));
    }
    return new RgbImage(40, 20, rgb);
  }

  private RgbImage open(String name, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve(name), content);
    return Photo.open(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration());
  }

  @Test
  void greyTinyAndTurnedPhotosAreRead() throws IOException {
    RgbImage grey = open("grey.pgm", "P5 2 1 255 \u0007\u0009".getBytes(StandardCharsets.US_ASCII));
    assertThat(grey.rgb()).containsExactly(7, 7, 7, 9, 9, 9);
    RgbImage tiny = open("tiny.png", ImageEncoder.png(new RgbImage(1, 1, new byte[] {1, 2, 3})));
    assertThat(tiny.rgb()).containsExactly(1, 2, 3);
    RgbImage turned = open("turned.jpg", TestPhotos.onItsSide(halves()));
    assertThat(turned.width()).isEqualTo(40);
    assertThat(turned.rgb()[3 * (10 * 40 + 5)] & 255).isGreaterThan(200);
    assertThat(turned.rgb()[3 * (10 * 40 + 35)] & 255).isLessThan(50);
  }

  static Map<String, byte[]> bad() {
    byte[] jpeg = ImageEncoder.jpeg(halves(), 0.9);
    byte[] png = ImageEncoder.png(halves());
    byte[] wide = png.clone();
    ByteBuffer.wrap(wide).putInt(16, Integer.MAX_VALUE);
    byte[] spoilt = png.clone();
    Arrays.fill(spoilt, 45, 60, (byte) 0x55);
    byte[] frame = jpeg.clone();
    frame[3] = 0;
    return Map.of(
        "empty.jpg", new byte[0],
        "text.png", "no picture at all, not one".getBytes(StandardCharsets.US_ASCII),
        "cut.jpg", Arrays.copyOf(jpeg, jpeg.length / 2),
        "cut.png", Arrays.copyOf(png, png.length / 2),
        "cut.pgm", "P5 90 90 255 abc".getBytes(StandardCharsets.US_ASCII),
        "bomb.png", TestPhotos.bomb(),
        "wide.png", wide,
        "bomb.ppm", "P6 16000 16000 255 abc".getBytes(StandardCharsets.US_ASCII),
        "spoilt.png", spoilt,
        "marker.jpg", frame);
  }

  static Iterable<String> names() {
    return bad().keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  void whatIsNoWholePhotoIsRefused(String name) {
    assertThatThrownBy(() -> open(name, bad().get(name)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(name);
  }

  /** A file of 3 GiB, of which the disk holds nothing. */
  @Test
  void aFileLargerThanAnyPhotoIsNotRead() throws IOException {
    Path file = folder.resolve("large.jpg");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(3L << 30);
    }
    assertThatThrownBy(
            () -> Photo.read(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("3221225472 bytes");
  }

  @Test
  void whatIsNoFileIsRefused() {
    assertThatThrownBy(
            () -> Photo.read(new org.apache.hadoop.fs.Path(folder.toUri()), new Configuration()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("a folder");
    assertThatThrownBy(
            () ->
                Photo.read(
                    new org.apache.hadoop.fs.Path(folder.resolve("none.jpg").toUri()),
                    new Configuration()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no such picture");
  }
}
