package io.sparkface.datasets.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrientationTest {
  /** The eight values as Pillow turns a picture of rows 1 2 3 and 4 5 6. */
  @ParameterizedTest
  @CsvSource({
    "1,3,123456",
    "2,3,321654",
    "3,3,654321",
    "4,3,456123",
    "5,2,142536",
    "6,2,415263",
    "7,2,635241",
    "8,2,362514"
  })
  void turnsAsExifSays(int value, int width, String pixels) {
    byte[] rgb = new byte[18];
    for (int i = 0; i < 18; i++) {
      rgb[i] = (byte) ('1' + i / 3);
    }
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      RgbImage turned = Orientation.of(jpeg(value, order)).upright(new RgbImage(3, 2, rgb));
      assertThat(turned.width()).isEqualTo(width);
      StringBuilder seen = new StringBuilder();
      for (int i = 0; i < 18; i += 3) {
        seen.append((char) turned.rgb()[i]);
      }
      assertThat(seen).hasToString(pixels);
    }
  }

  /** A JPEG's start: JFIF, then EXIF with a maker's name before the orientation. */
  static byte[] jpeg(int orientation, ByteOrder order) {
    ByteBuffer tiff = ByteBuffer.allocate(40).order(order);
    tiff.putShort(order == ByteOrder.BIG_ENDIAN ? (short) 0x4D4D : 0x4949);
    tiff.putShort((short) 42).putInt(8).putShort((short) 2);
    tiff.putShort((short) 0x010F).putShort((short) 2).putInt(4).putInt(0);
    tiff.putShort((short) 0x0112).putShort((short) 3).putInt(1);
    tiff.putShort((short) orientation).putShort((short) 0);
    ByteBuffer out = ByteBuffer.allocate(80);
    out.putShort((short) 0xFFD8).putShort((short) 0xFFE0).putShort((short) 4).putShort((short) 0);
    out.putShort((short) 0xFFE1).putShort((short) 48).putInt(0x45786966).putShort((short) 0);
    out.put(tiff.array()).putShort((short) 0xFFD9);
    return Arrays.copyOf(out.array(), out.position());
  }

  @FuzzTest
  void anyBytesHaveSomeOrientation(byte[] bytes) {
    assertThat(Orientation.of(bytes)).isNotNull();
  }
}
