package io.sparkface.datasets.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageListTest {
  private static List<ListedImage> read(byte[] bytes, String file) throws IOException {
    List<ListedImage> images = new ArrayList<>();
    try (ImageList list = ImageList.open(() -> new ByteArrayInputStream(bytes), file)) {
      for (var next = list.next(); next.isPresent(); next = list.next()) {
        images.add(next.get());
      }
    }
    return images;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ImageListTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** Written by numpy 2: compressed in half precision, stored in single. */
  @ParameterizedTest
  @ValueSource(strings = {"list.npz", "list-stored.npz"})
  void readsWhatNumpyWrites(String name) throws IOException {
    List<ListedImage> images = read(resource(name), name);
    assertThat(images).extracting(ListedImage::label).containsExactly(0, 1, 0);
    assertThat(images)
        .extracting(ListedImage::source)
        .containsExactly("ann/1.jpg", "béa/22.png", "ann/3.jpg");
    assertThat(images.get(1).embedding().orElseThrow()).containsExactly(-3, 0.125f);
    assertThat(images.get(2).embedding().orElseThrow()).containsExactly(65504, -0.5f);
  }

  private static byte[] floats(float... values) {
    ByteBuffer out = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    out.asFloatBuffer().put(values);
    return out.array();
  }

  private static TfExample image(String name, int label, float... embedding) {
    return new TfExample()
        .bytes("image_names", name.getBytes(StandardCharsets.UTF_8))
        .integer("image_classes", label)
        .bytes("embeddings", floats(embedding));
  }

  private static byte[] file(TfExample... examples) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TfRecordWriter records = new TfRecordWriter(out)) {
      for (TfExample example : examples) {
        records.write(example.toBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static TfExample header(TfExample first, long width, long total) {
    return first
        .integer("classes", 9)
        .integer("emb_shape", width)
        .integer("total", total)
        .integer("use_fp16", 0);
  }

  @Property(tries = 50)
  void tfRecordsComeBack(
      @ForAll @Size(min = 1, max = 5) List<@StringLength(max = 20) String> names,
      @ForAll @IntRange(min = 1, max = 4) int width)
      throws IOException {
    TfExample[] examples = new TfExample[names.size()];
    for (int i = 0; i < examples.length; i++) {
      float[] values = new float[width];
      Arrays.fill(values, i + 0.5f);
      examples[i] = image(names.get(i), i, values);
    }
    header(examples[0], width, examples.length);
    List<ListedImage> images = read(file(examples), "a.tfrecord");
    assertThat(images).hasSize(names.size());
    for (int i = 0; i < examples.length; i++) {
      byte[] stored = names.get(i).getBytes(StandardCharsets.UTF_8);
      assertThat(images.get(i).path()).isEqualTo(new String(stored, StandardCharsets.UTF_8));
      assertThat(images.get(i).label()).isEqualTo(i);
      assertThat(images.get(i).embedding().orElseThrow()).hasSize(width).contains(i + 0.5f);
    }
  }

  /** A feature's number packed into bytes (field 1, wire type 2), as TensorFlow serialises it. */
  @Test
  void packedNumbersAreRead() {
    byte[] example =
        HexFormat.of()
            .parseHex("0a14" + "0a12" + "0a07636c6173736573" + "1207" + "1a05" + "0a03ac0201");
    assertThat(TfFeatures.of(example, "x", "").integer("classes")).isEqualTo(300);
  }

  @Test
  void whatIsMissingOrDoesNotFitIsTold() {
    byte[] fewer = file(header(image("a/1", 0, 1), 1, 3), image("a/2", 0, 2));
    assertThatThrownBy(() -> read(fewer, "a.tfrecord"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("2 of 3 images");
    byte[] narrow = file(header(image("a/1", 0, 1), 2, 1));
    assertThatThrownBy(() -> read(narrow, "a.tfrecord")).isInstanceOf(UserError.class);
    byte[] negative = file(header(image("a/1", -1, 1), 1, 1));
    assertThatThrownBy(() -> read(negative, "a.tfrecord")).isInstanceOf(UserError.class);
    byte[] foreign = file(new TfExample().integer("label", 1));
    assertThatThrownBy(() -> read(foreign, "a.tfrecord"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("total");
  }

  @Test
  void aCutNpzIsRefused() throws IOException {
    byte[] whole = resource("list.npz");
    for (int length = 0; length < whole.length * 2 / 3; length += 7) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut, "a.npz")).as("%d", length).isInstanceOf(UserError.class);
    }
  }

  @FuzzTest
  void anyBytesAreAnNpzListOrRefused(byte[] bytes) throws IOException {
    readOrRefused(bytes, "a.npz");
  }

  @FuzzTest
  void anyBytesAreATfRecordListOrRefused(byte[] bytes) throws IOException {
    readOrRefused(bytes, "a.tfrecord");
  }

  /** Without the sums around it, which random bytes would never pass. */
  @FuzzTest
  void anyBytesAreAnExampleOrRefused(byte[] bytes) {
    try {
      TfFeatures.of(bytes, "a", "");
    } catch (UserError expected) {
      assertThat(expected.where()).isEqualTo("a");
    }
  }

  private static void readOrRefused(byte[] bytes, String file) throws IOException {
    try {
      read(bytes, file);
    } catch (UserError expected) {
      assertThat(expected.where()).startsWith(file);
    }
  }
}
