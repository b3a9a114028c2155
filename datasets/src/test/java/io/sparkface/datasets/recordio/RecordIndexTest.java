package io.sparkface.datasets.recordio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordIndexTest {
  private static RecordIndex read(String text) throws IOException {
    return RecordIndex.read(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), "train.idx");
  }

  @Test
  void readsLinesInAnyOrder() throws IOException {
    RecordIndex index = read("0\t0\n2\t128\r\n\n1\t64");
    assertThat(index.offsets()).containsExactly(0, 64, 128);
    assertThat(index.keys()).containsExactly(0, 1, 2);
    assertThat(index.offset(2)).hasValue(128);
    assertThat(index.key(63)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1 0, not a line of an index",
    "1\\t-4, the offset is negative",
    "1\\tx, not a line of an index",
    "1\\t8|2\\t8, two records are at byte 8",
    "1\\t8|1\\t16, two records have the key 1"
  })
  void namesTheFirstLineThatIsWrong(String lines, String problem) {
    assertThatThrownBy(() -> read(lines.replace("\\t", "\t").replace('|', '\n')))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(problem)
        .hasMessageContaining("train.idx");
  }

  /** A file without line ends is not read into memory to its end. */
  @Test
  void readsNoMoreOfALineThanShowsThatItIsTooLong() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return '1';
          }
        };
    assertThatThrownBy(() -> RecordIndex.read(endless, "train.idx"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("train.idx line 1");
  }

  @FuzzTest
  void anyBytesAreAnIndexOrRefused(byte[] bytes) throws IOException {
    try {
      RecordIndex index = RecordIndex.read(new ByteArrayInputStream(bytes), "fuzz");
      assertThat(index.offsets()).isSorted().hasSameSizeAs(index.keys());
    } catch (UserError expected) {
      assertThat(expected.where()).startsWith("fuzz");
    }
  }
}
