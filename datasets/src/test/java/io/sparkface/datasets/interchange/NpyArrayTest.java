package io.sparkface.datasets.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyArrayTest {
  private static byte[] array(String type, String order, String shape, byte[] values) {
    String header =
        "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
    ByteBuffer bytes = ByteBuffer.allocate(10 + header.length() + values.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93);
    bytes.put("NUMPY\1\0".getBytes(StandardCharsets.US_ASCII)).putShort((short) header.length());
    return bytes.put(header.getBytes(StandardCharsets.US_ASCII)).put(values).array();
  }

  private static NpyArray open(byte[] bytes) throws IOException {
    return NpyArray.open(new ByteArrayInputStream(bytes), "a.npy");
  }

  /** Bytes of {@code numpy.array([1, 0, 1])} in each type. */
  @ParameterizedTest
  @CsvSource({
    "<f4, 0000803f000000000000803f",
    "<f8, 000000000000f03f0000000000000000000000000000f03f",
    ">f8, 3ff000000000000000000000000000003ff0000000000000",
    "<i8, 010000000000000000000000000000000100000000000000",
    "<u4, 010000000000000001000000",
    ">i2, 000100000001",
    "|b1, 010001",
    "|u1, 010001",
  })
  void numbersOfEveryTypeAreRead(String type, String hex) throws IOException {
    byte[] bytes = array(type, "False", "(3,)", HexFormat.of().parseHex(hex));
    assertThat(open(bytes).shape()).containsExactly(3L);
    assertThat(open(bytes).floats(3)).containsExactly(1, 0, 1);
    assertThat(open(bytes).truths(3)).isEqualTo(BitSet.valueOf(new long[] {0b101}));
  }

  @Test
  void rowsAreReadOneAfterAnother() throws IOException {
    ByteBuffer values = ByteBuffer.allocate(4 * 200_000).order(ByteOrder.BIG_ENDIAN);
    for (int i = 0; i < 200_000; i++) {
      values.putFloat(i);
    }
    NpyArray array = open(array(">f4", "False", "(2, 100000)", values.array()));
    assertThat(array.shape()).isEqualTo(List.of(2L, 100_000L));
    array.floats(100_000);
    float[] second = array.floats(100_000);
    assertThat(second).hasSize(100_000);
    assertThat(second[99_999]).isEqualTo(199_999);
  }

  @Test
  void textHasNoZerosBehindIt() throws IOException {
    ByteBuffer letters = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    letters.putInt('N').putInt('0').putInt(0).putInt(0x1F600);
    NpyArray names = open(array("<U3", "False", "(2,)", letters.array()));
    assertThat(names.isText()).isTrue();
    assertThat(names.text()).isEqualTo("N0");
    assertThat(names.text()).isEqualTo("\uD83D\uDE00");
  }

  @Test
  void aHeaderThatClaimsMoreThanThereIsCostsNoMemory() throws IOException {
    NpyArray array = open(array("<f4", "False", "(2000000000,)", new byte[40]));
    assertThatThrownBy(() -> array.floats(2_000_000_000))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("cut");
  }

  @Test
  void othersAreRefused() {
    assertThatThrownBy(() -> open(array("|O", "False", "(2,)", new byte[9])))
        .hasMessageContaining("Python objects");
    assertThatThrownBy(() -> open(array("<c8", "False", "(2,)", new byte[16])))
        .hasMessageContaining("<c8");
    assertThatThrownBy(() -> open(array("<f4", "True", "(2, 3)", new byte[24])))
        .hasMessageContaining("Fortran");
    assertThatThrownBy(() -> open(array("|i1", "False", "(1,)", new byte[] {2})).truths(1))
        .hasMessageContaining("neither 0 nor 1");
  }

  @FuzzTest
  void anyBytesAreAnArrayOrRefused(byte[] bytes) throws IOException {
    try {
      NpyArray array = open(bytes);
      if (array.isText()) {
        array.text();
      } else {
        array.floats(3);
      }
    } catch (UserError expected) {
      assertThat(expected.where()).startsWith("a.npy");
    }
  }
}
