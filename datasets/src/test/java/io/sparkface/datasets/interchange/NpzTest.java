package io.sparkface.datasets.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

class NpzTest {
  private static byte[] written() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (NpzWriter npz = new NpzWriter(out)) {
      npz.add("image_names", "<U3", new long[] {2}, values -> values.write(new byte[24]));
      npz.add("embeddings", "<f4", new long[] {2, 5}, values -> values.write(new byte[40]));
    }
    return out.toByteArray();
  }

  private static List<NpzContents.Member> read(byte[] bytes) throws IOException {
    return NpzContents.read(new ByteArrayInputStream(bytes), "a.npz");
  }

  @Test
  void readsWhatItWrites() throws IOException {
    assertThat(read(written()))
        .containsExactly(
            new NpzContents.Member("image_names", "<U3", List.of(2L)),
            new NpzContents.Member("embeddings", "<f4", List.of(2L, 5L)));
  }

  /** numpy pads so that values begin at a multiple of 64 bytes. */
  @Test
  void headersEndAtAMultipleOf64() throws IOException {
    ByteArrayOutputStream values = new ByteArrayOutputStream();
    byte[] zip = written();
    try (var in = new java.util.zip.ZipInputStream(new ByteArrayInputStream(zip))) {
      in.getNextEntry();
      in.transferTo(values);
    }
    assertThat(values.size()).isEqualTo(128 + 24);
    assertThat(values.toString(StandardCharsets.ISO_8859_1))
        .startsWith("\u0093NUMPY\1\0v\0{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }");
    assertThat(values.toByteArray()[127]).isEqualTo((byte) '\n');
  }

  private static byte[] member(String header) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("a.npy"));
      zip.write(
          ("\u0093NUMPY\1\0" + (char) header.length() + "\0" + header)
              .getBytes(StandardCharsets.ISO_8859_1));
    }
    return out.toByteArray();
  }

  @Test
  void refusesObjectsAndWhatIsNoArray() throws IOException {
    byte[] objects = member("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }");
    assertThatThrownBy(() -> read(objects))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("Python objects");
    assertThatThrownBy(() -> read("PK?".getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no zip");
    byte[] structured = member("{'descr': [('a', '<f4')], 'shape': (2,), }");
    assertThatThrownBy(() -> read(structured)).isInstanceOf(UserError.class);
  }

  @FuzzTest
  void anyBytesAreAnNpzOrRefused(byte[] bytes) throws IOException {
    try {
      read(bytes);
    } catch (UserError expected) {
      assertThat(expected.where()).startsWith("a.npz");
    }
  }
}
