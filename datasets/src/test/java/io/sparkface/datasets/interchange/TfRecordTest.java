package io.sparkface.datasets.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TfRecordTest {
  private static byte[] file(String... payloads) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TfRecordWriter writer = new TfRecordWriter(out)) {
      for (String payload : payloads) {
        writer.write(payload.getBytes(StandardCharsets.UTF_8));
      }
    }
    return out.toByteArray();
  }

  private static TfRecordReader reader(byte[] file) {
    return new TfRecordReader(new ByteArrayInputStream(file), "x.tfrecord");
  }

  @Test
  void theSumIsCrc32cMasked() {
    // CRC-32C of "123456789" is 0xE3069283 (RFC 3720)
    byte[] check = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertThat(MaskedCrc.of(check, 9)).isEqualTo(Integer.rotateRight(0xE3069283, 15) + 0xA282EAD8);
  }

  @Test
  void recordsComeBack() throws IOException {
    byte[] file = file("one", "", "three");
    assertThat(file).hasSize(3 * 16 + 8);
    assertThat(HexFormat.of().formatHex(file, 0, 8)).isEqualTo("0300000000000000");
    try (TfRecordReader reader = reader(file)) {
      assertThat(reader.next().orElseThrow()).isEqualTo("one".getBytes(StandardCharsets.UTF_8));
      assertThat(reader.next().orElseThrow()).isEmpty();
      assertThat(reader.next().orElseThrow()).hasSize(5);
      assertThat(reader.next()).isEmpty();
    }
  }

  @Test
  void damageIsTold() throws IOException {
    byte[] file = file("one", "two");
    for (int i = 0; i < file.length; i++) {
      byte[] changed = file.clone();
      changed[i] ^= 1;
      assertThatThrownBy(
              () -> {
                try (TfRecordReader reader = reader(changed)) {
                  reader.next();
                  reader.next();
                }
              })
          .isInstanceOf(UserError.class)
          .hasMessageContaining("x.tfrecord");
    }
    byte[] cut = java.util.Arrays.copyOf(file, file.length - 1);
    try (TfRecordReader reader = reader(cut)) {
      reader.next();
      assertThatThrownBy(reader::next).isInstanceOf(UserError.class);
    }
  }

  @FuzzTest
  void anyBytesAreReadOrRefused(byte[] bytes) throws IOException {
    try (TfRecordReader reader = reader(bytes)) {
      while (reader.next().isPresent()) {
        // all of it
      }
    } catch (UserError e) {
      assertThat(e.where()).contains("x.tfrecord");
    }
  }
}
