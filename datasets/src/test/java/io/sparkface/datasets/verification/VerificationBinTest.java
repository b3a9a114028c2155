package io.sparkface.datasets.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerificationBinTest {
  private static final byte[][] PICTURES = {
    bytes("\u00ff\u00d8a\n'"), bytes("b\0\u00e9"), bytes("cc"), bytes("\\d")
  };

  private static byte[] bytes(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Written by Python 3 and numpy 2 in every protocol. */
  @ParameterizedTest
  @CsvSource({
    "bytes,0", "bytes,1", "bytes,2", "bytes,3", "bytes,4", "bytes,5",
    "numpy,0", "numpy,1", "numpy,2", "numpy,3", "numpy,4", "numpy,5",
    "ints,0", "ints,1", "ints,2", "ints,3", "ints,4", "ints,5"
  })
  void readsEveryFlavour(String kind, int protocol) throws IOException {
    String name = kind + "_" + protocol + ".bin";
    try (InputStream in = VerificationBinTest.class.getResourceAsStream(name)) {
      check(VerificationBin.read(in, name));
    }
  }

  private static void check(List<FacePair> pairs) {
    assertThat(pairs).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(pairs.get(i).first()).isEqualTo(PICTURES[2 * i]);
      assertThat(pairs.get(i).second()).isEqualTo(PICTURES[2 * i + 1]);
    }
    assertThat(pairs.get(0).same()).isTrue();
    assertThat(pairs.get(1).same()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4})
  void refusesCodeByName(int protocol) throws IOException {
    String name = "hostile_" + protocol + ".bin";
    try (InputStream in = VerificationBinTest.class.getResourceAsStream(name)) {
      assertThatThrownBy(() -> VerificationBin.read(in, name))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("system")
          .hasMessageContaining(name + " byte");
    }
  }

  @Test
  void readsWhatItWrites() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    VerificationBin.write(
        out,
        List.of(
            new FacePair(0, PICTURES[0], PICTURES[1], true),
            new FacePair(1, PICTURES[2], PICTURES[3], false)));
    check(VerificationBin.read(new ByteArrayInputStream(out.toByteArray()), "memory"));
  }

  @Test
  void readsARealSet() throws IOException {
    try (InputStream in = Files.newInputStream(Fixtures.path("bin/small_lfw.bin"))) {
      assertThat(VerificationBin.read(in, "small_lfw.bin"))
          .hasSize(10)
          .allMatch(FacePair::same)
          .allMatch(pair -> (pair.first()[0] & 255) == 0xFF);
    }
  }

  /** Any bytes are either pairs or a {@link UserError}. */
  @FuzzTest
  void anyBytesArePairsOrRefused(byte[] bytes) throws IOException {
    try {
      VerificationBin.read(new ByteArrayInputStream(bytes), "fuzz");
    } catch (UserError expected) {
      assertThat(expected.where()).startsWith("fuzz");
    }
  }
}
