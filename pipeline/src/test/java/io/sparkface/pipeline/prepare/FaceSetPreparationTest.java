package io.sparkface.pipeline.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.datasets.interchange.TfExample;
import io.sparkface.datasets.interchange.TfRecordWriter;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.synthetic.SyntheticFaces;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaceSetPreparationTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;

  private FaceSetManifest prepare(Path input, String output, long seed, long bad)
      throws IOException {
    return new FaceSetPreparation(
            LocalSpark.session(),
            new FaceSetPreparation.Options(
                input.toString(),
                folder.resolve(output).toString(),
                seed,
                bad,
                StagedOutput.Existing.REFUSE))
        .run();
  }

  private List<FaceRecord> rows(String output) throws IOException {
    FaceSet set =
        FaceSet.open(new org.apache.hadoop.fs.Path(folder.resolve(output).toString()), HADOOP);
    List<FaceRecord> rows = new ArrayList<>();
    for (RowGroup group : set.rowGroups()) {
      try (FaceFile file = FaceFile.open(new org.apache.hadoop.fs.Path(group.file()), HADOOP)) {
        rows.addAll(file.read(group.index()));
      }
    }
    return rows;
  }

  private Path synthetic() throws IOException {
    Path rec = folder.resolve("rec");
    new SyntheticFaces(new SyntheticFaces.Options(5, 4, 32, 0, 20, 1))
        .write(new org.apache.hadoop.fs.Path(rec.toString()), HADOOP);
    // Hadoop's local checksum files would notice a change before we do
    try (Stream<Path> files = Files.list(rec)) {
      for (Path sum : files.filter(file -> file.toString().endsWith(".crc")).toList()) {
        Files.delete(sum);
      }
    }
    return rec.resolve("train.rec");
  }

  private static byte[] picture(int grey) throws IOException {
    BufferedImage image = new BufferedImage(16, 24, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setSample(3, 5, 0, grey);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /** Spec 2.3: pictures and labels in the records themselves. */
  @Test
  void picturesInTfRecordsAreASet() throws IOException {
    int[][] labels = {{7, 2}, {2, 11, 2}};
    for (int file = 0; file < labels.length; file++) {
      Path path = folder.resolve("train-" + file + ".tfrecord");
      try (TfRecordWriter records = new TfRecordWriter(Files.newOutputStream(path))) {
        for (int label : labels[file]) {
          records.write(
              new TfExample().bytes("image_raw", picture(label)).integer("label", label).toBytes());
        }
      }
    }
    FaceSetManifest manifest = prepare(folder.resolve("train-*.tfrecord"), "faces", 1, 0);
    assertThat(manifest.rows()).isEqualTo(5);
    assertThat(manifest.identities()).isEqualTo(3);
    List<FaceRecord> rows = rows("faces");
    assertThat(rows)
        .extracting(FaceRecord::key)
        .containsExactlyInAnyOrder(0L, 1L, 1L << 32, (1L << 32) + 1, (1L << 32) + 2);
    for (FaceRecord row : rows) {
      assertThat(row.identity()).isEqualTo(List.of("2", "7", "11").get(row.label()));
      assertThat(row.image()).isEqualTo(picture(Integer.parseInt(row.identity())));
      assertThat(row.width()).isEqualTo(16);
    }
    assertThatThrownBy(() -> prepare(folder.resolve("none-*.tfrecord"), "none", 1, 0))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no file is named so");
  }

  @Test
  void header0SetsLoseNothingAndKeepTheirKeys() throws IOException {
    FaceSetManifest manifest = prepare(synthetic(), "faces", 1, 0);
    assertThat(manifest.rows()).isEqualTo(20);
    assertThat(manifest.identities()).isEqualTo(5);
    List<FaceRecord> rows = rows("faces");
    assertThat(rows.stream().map(FaceRecord::key).sorted().toList())
        .isEqualTo(Stream.iterate(1L, key -> key + 1).limit(20).toList());
    assertThat(rows)
        .allMatch(row -> row.label() == (row.key() - 1) / 4)
        .allMatch(row -> row.width() == 32)
        .allMatch(row -> row.source().equals(row.identity() + "/" + row.key() + ".jpg"));
  }

  @Test
  void sparkReadsASetAsAnyTable() throws IOException {
    prepare(synthetic(), "faces", 1, 0);
    Dataset<Row> faces =
        LocalSpark.session().read().parquet(folder.resolve("faces") + "/part-*.parquet");
    // both are looked up by the files' smallest and largest values first
    assertThat(faces.filter("label = 3").select("key").as(Encoders.LONG()).collectAsList())
        .containsExactlyInAnyOrder(13L, 14L, 15L, 16L);
    assertThat(faces.filter("identity = '4' and key > 18 and length(image) > 100").count())
        .isEqualTo(2);
  }

  @Test
  void theSeedAloneDecidesTheOrder() throws IOException {
    Path rec = synthetic();
    prepare(rec, "a", 1, 0);
    prepare(rec, "b", 1, 0);
    prepare(rec, "c", 2, 0);
    List<Long> a = rows("a").stream().map(FaceRecord::key).toList();
    assertThat(rows("b").stream().map(FaceRecord::key).toList()).isEqualTo(a);
    assertThat(rows("c").stream().map(FaceRecord::key).toList()).isNotEqualTo(a);
    assertThat(a).isNotEqualTo(a.stream().sorted().toList());
  }

  @ParameterizedTest
  @CsvSource({"adaface_8,8,2", "vector_label_12,12,1", "no_idx_1632,1632,1"})
  void convertsRealSets(String name, long images, int identities) throws IOException {
    FaceSetManifest manifest =
        prepare(Fixtures.path("rec/" + name).resolve("train.rec"), name, 1, 0);
    assertThat(manifest.rows()).isEqualTo(images);
    assertThat(manifest.identities()).isEqualTo(identities);
    assertThat(rows(name)).hasSize((int) images);
  }

  @Test
  void imagesKeepTheirBytes() throws IOException {
    Path source = Fixtures.path("rec/adaface_8/images");
    prepare(source, "folders", 1, 0);
    List<FaceRecord> rows = rows("folders");
    assertThat(rows).hasSize(8);
    for (FaceRecord row : rows) {
      assertThat(row.image()).isEqualTo(Files.readAllBytes(source.resolve(row.source())));
    }
  }

  @Test
  void aDamagedFileLeavesNothingBehind() throws IOException {
    Path rec = synthetic();
    byte[] bytes = Files.readAllBytes(rec);
    Files.write(rec, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> prepare(rec, "faces", 1, 0))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("cut")
        .hasMessageContaining("train.rec byte ");
    assertThat(folder.resolve("faces")).doesNotExist();
    assertThat(folder.resolve(".faces.staging")).doesNotExist();
  }

  @Test
  void quarantineKeepsTheGoodRowsAndListsTheBad() throws IOException {
    Path rec = synthetic();
    byte[] bytes = Files.readAllBytes(rec);
    long second =
        Long.parseLong(Files.readAllLines(rec.resolveSibling("train.idx")).get(2).split("\t")[1]);
    bytes[(int) second] ^= 1;
    Files.write(rec, bytes);
    FaceSetManifest manifest = prepare(rec, "faces", 1, 5);
    assertThat(manifest.rows()).isEqualTo(19);
    assertThat(manifest.quarantined()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("faces/quarantine.jsonl")))
        .contains("byte " + second)
        .contains("wrong magic");
  }

  @Test
  void labelsOutsideThePropertyFileAreRefused() throws IOException {
    Path rec = synthetic();
    Files.writeString(rec.resolveSibling("property"), "4,32,32\n");
    assertThatThrownBy(() -> prepare(rec, "faces", 1, 0))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("label 4 is outside the 4 classes");
  }

  @Test
  void anExistingOutputIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("faces"));
    assertThatThrownBy(() -> prepare(synthetic(), "faces", 1, 0))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--overwrite");
  }
}
