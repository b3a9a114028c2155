package io.sparkface.datasets.faces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.datasets.interchange.Half;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaceFilesTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir java.nio.file.Path folder;

  private Path path(String name) {
    return new Path(folder.resolve(name).toString());
  }

  private static FaceRecord face(int key) {
    byte[] image = new byte[100_000];
    image[0] = (byte) key;
    return new FaceRecord("p" + key % 3, key % 3, key, image, 8, 9, "p/" + key + ".jpg");
  }

  private Path faces() throws IOException {
    Path path = path("part-00000.parquet");
    try (FaceFileWriter out = new FaceFileWriter(path, HADOOP)) {
      for (int key = 0; key < 100; key++) {
        out.write(face(key));
      }
    }
    return path;
  }

  private static List<FaceRecord> all(FaceFile file) throws IOException {
    List<FaceRecord> rows = new ArrayList<>();
    for (int group = 0; group < file.rowGroupCount(); group++) {
      List<FaceRecord> read = file.read(group);
      assertThat(file.rows(group)).isEqualTo(read.size());
      rows.addAll(read);
    }
    return rows;
  }

  @Test
  void rowsComeBackInSmallRowGroups() throws IOException {
    try (FaceFile file = FaceFile.open(faces(), HADOOP)) {
      assertThat(file.rowGroupCount()).isBetween(2, 5);
      assertThat(file.largestKey()).isEqualTo(99);
      List<FaceRecord> rows = all(file);
      assertThat(rows).hasSize(100);
      assertThat(rows.get(7)).usingRecursiveComparison().isEqualTo(face(7));
    }
    try (FaceFile names = FaceFile.openNames(path("part-00000.parquet"), HADOOP)) {
      assertThat(all(names)).hasSize(100).allMatch(row -> row.image().length == 0);
    }
  }

  private static void write(Path path, int rowGroupBytes) throws IOException {
    try (ParquetRowsWriter<FaceRecord> out =
        new ParquetRowsWriter<>(
            path, HADOOP, FaceSchema.FACES, FaceFileWriter.COLUMNS, rowGroupBytes, Map.of())) {
      for (int key = 0; key < 600; key++) {
        out.write(face(key));
      }
    }
  }

  /** As a file that another tool wrote: one row group of 60 MB. */
  @Test
  void aHugeRowGroupIsReadInParts() throws IOException {
    Path path = path("part-00000.parquet");
    write(path, 512 << 20);
    try (FaceFile file = FaceFile.open(path, HADOOP);
        FaceFile names = FaceFile.openNames(path, HADOOP);
        FaceFile labels = FaceFile.openLabels(path, HADOOP)) {
      assertThat(file.rowGroupCount()).isBetween(4, 6);
      assertThat(names.rowGroupCount()).isEqualTo(file.rowGroupCount());
      int key = 0;
      for (int group = 0; group < file.rowGroupCount(); group++) {
        assertThat(file.rows(group)).isBetween(1L, 167L);
        assertThat(labels.labels(group)).hasSize((int) file.rows(group));
        List<FaceRecord> named = names.read(group);
        for (FaceRecord row : file.read(group)) {
          // not recursively, which looks at every byte as an object
          assertThat(row.key()).isEqualTo(key);
          assertThat(row.image()).isEqualTo(face(key).image());
          assertThat(named.get(key - (int) named.get(0).key()).source()).isEqualTo(row.source());
          key++;
        }
      }
      assertThat(key).isEqualTo(600);
    }
  }

  @Test
  void aKeepListReadsAsTheRowsThatStay() throws IOException {
    Path images = faces();
    Path list = path("part-00000" + KeepList.SUFFIX);
    try (KeepList.Writer out = new KeepList.Writer(list, images, HADOOP)) {
      for (int row = 0; row < 100; row += 2) {
        out.keep(row, 70 + row);
      }
    }
    try (FaceFile kept = FaceFile.open(list, HADOOP)) {
      List<FaceRecord> rows = all(kept);
      assertThat(rows).hasSize(50);
      for (int i = 0; i < 50; i++) {
        assertThat(rows.get(i).key()).isEqualTo(2 * i);
        assertThat(rows.get(i).label()).isEqualTo(70 + 2 * i);
        assertThat(rows.get(i).image()).isEqualTo(face(2 * i).image());
      }
      int last = kept.rowGroupCount() - 1;
      assertThat(kept.position(last, (int) kept.rows(last) - 1)).isEqualTo(98);
    }
    Files.delete(folder.resolve("part-00000.parquet"));
    assertThatThrownBy(() -> FaceFile.open(list, HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is gone");
  }

  /** The list stays right whatever parts a file is read in. */
  @Test
  void aKeepListNamesRowsOfTheFileAndNotOfItsParts() throws IOException {
    Path list = path("part-00000" + KeepList.SUFFIX);
    Path images = path("part-00000.parquet");
    try (KeepList.Writer out = new KeepList.Writer(list, images, HADOOP)) {
      for (int row : new int[] {3, 170, 599}) {
        out.keep(row, row);
      }
    }
    for (int rowGroupBytes : new int[] {1 << 20, 512 << 20}) {
      Files.deleteIfExists(folder.resolve("part-00000.parquet"));
      Files.deleteIfExists(folder.resolve(".part-00000.parquet.crc"));
      write(images, rowGroupBytes);
      try (FaceFile kept = FaceFile.open(list, HADOOP)) {
        assertThat(all(kept)).extracting(FaceRecord::key).containsExactly(3L, 170L, 599L);
      }
    }
  }

  @Test
  void aKeepListOfAnotherFileOrAnEarlierFormatIsRefused() throws IOException {
    Path images = faces();
    Path list = path("part-00000" + KeepList.SUFFIX);
    try (KeepList.Writer out = new KeepList.Writer(list, images, HADOOP)) {
      out.keep(100, 0);
    }
    assertThatThrownBy(() -> FaceFile.open(list, HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("row 100 is listed of a file that has 100");
    Path unordered = path("part-00001" + KeepList.SUFFIX);
    try (KeepList.Writer out = new KeepList.Writer(unordered, images, HADOOP)) {
      out.keep(5, 0);
      out.keep(5, 1);
    }
    assertThatThrownBy(() -> FaceFile.open(unordered, HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("row 5 is listed after row 5");
    // group and row in it
    Path earlier = path("part-00002" + KeepList.SUFFIX);
    try (ParquetRowsWriter<Integer> out =
        new ParquetRowsWriter<>(
            earlier,
            HADOOP,
            MessageTypeParser.parseMessageType("message keep { required int32 group; }"),
            List.of(ParquetColumn.ints("group", group -> group)),
            1 << 20,
            Map.of())) {
      out.write(0);
    }
    assertThatThrownBy(() -> FaceFile.open(earlier, HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("position");
  }

  /** As after cleaning: the shard has all rows, the set only some of them. */
  @Test
  void embeddingsAreReadInStep() throws IOException {
    for (EmbeddingFile.Precision precision : EmbeddingFile.Precision.values()) {
      Path path = path("shard.parquet");
      try (EmbeddingFile.Writer out = new EmbeddingFile.Writer(path, HADOOP, precision)) {
        for (int key = 0; key < 3000; key++) {
          out.write(new Embedding(key, key % 7, new float[512]));
        }
        out.write(new Embedding(3000, 1, new float[] {1.5f, -0.25f}));
      }
      try (EmbeddingFile file = EmbeddingFile.open(path, HADOOP)) {
        assertThat(file.rows()).isEqualTo(3001);
        float[][] found = file.of(List.of(face(1200), face(1210), face(3000)), 1100);
        assertThat(found[0]).hasSize(512);
        assertThat(found[2]).containsExactly(1.5f, -0.25f);
        assertThatThrownBy(() -> file.of(List.of(face(5)), 100))
            .isInstanceOf(UserError.class)
            .hasMessageContaining("image 5");
      }
    }
  }

  @Test
  void everyHalfComesBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Half.toFloat((short) bits);
      if (!Float.isNaN(value)) {
        assertThat(Half.of(value)).isEqualTo((short) bits);
      }
    }
    // ties go to even, halfway beyond the largest to infinity; numpy's results
    assertThat(Half.of(1 + 1 / 2048f)).isEqualTo((short) 0x3C00);
    assertThat(Half.of(1 + 3 / 2048f)).isEqualTo((short) 0x3C02);
    assertThat(Half.of(65_519f)).isEqualTo((short) 0x7BFF);
    assertThat(Half.of(65_520f)).isEqualTo((short) 0x7C00);
    assertThat(Half.of(3e-8f)).isEqualTo((short) 0x0001);
    assertThat(Half.toFloat(Half.of(Float.NaN))).isNaN();
  }
}
