package io.sparkface.datasets.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TfRecordPicturesTest {
  private static TfRecordPictures open(byte[] file) {
    return new TfRecordPictures(new ByteArrayInputStream(file), "a.tfrecord");
  }

  private static byte[] file(TfExample... examples) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TfRecordWriter records = new TfRecordWriter(out)) {
      for (TfExample example : examples) {
        records.write(example.toBytes());
      }
    }
    return out.toByteArray();
  }

  @Test
  void recordsHoldAPictureAndALabel() throws IOException {
    byte[] bytes =
        file(
            new TfExample().bytes("image_raw", new byte[] {1, 2}).integer("label", 3),
            new TfExample().integer("label", 0).bytes("image_raw", new byte[0]));
    try (TfRecordPictures pictures = open(bytes)) {
      TfRecordPictures.Picture first = pictures.next().orElseThrow();
      assertThat(first.label()).isEqualTo(3);
      assertThat(first.image()).containsExactly(1, 2);
      assertThat(pictures.next().orElseThrow().image()).isEmpty();
      assertThat(pictures.next()).isEmpty();
    }
  }

  @Test
  void othersAreRefusedAndNamed() throws IOException {
    byte[] listing = file(new TfExample().bytes("image_names", new byte[1]));
    assertThatThrownBy(() -> open(listing).next())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no label")
        .hasMessageContaining("a.tfrecord record 0");
    byte[] below = file(new TfExample().bytes("image_raw", new byte[1]).integer("label", -1));
    assertThatThrownBy(() -> open(below).next()).hasMessageContaining("the label is -1");
  }

  @FuzzTest
  void anyBytesArePicturesOrRefused(byte[] bytes) throws IOException {
    try (TfRecordPictures pictures = open(bytes)) {
      while (pictures.next().isPresent()) {
        // read on
      }
    } catch (UserError expected) {
      assertThat(expected.where()).startsWith("a.tfrecord");
    }
  }
}
