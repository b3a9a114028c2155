package io.sparkface.pipeline.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.FaceAlignment;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.detect.Detection;
import io.sparkface.pipeline.detect.TestPhotos;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhotoAlignmentTest {
  @TempDir Path folder;
  private Path photos;

  @BeforeEach
  void photos() throws IOException {
    photos = folder.resolve("photos");
    put("anna/grey.pgm", Files.readAllBytes(Fixtures.path("faces/att_orl/s1/1.pgm")));
    byte[] two = Files.readAllBytes(Fixtures.path("photos/s_l.jpg"));
    put("ben/upright.jpg", two);
    put("ben/turned.jpg", TestPhotos.onItsSide(ImageDecoder.decode(two, "s_l.jpg")));
    put("ben/tiny.png", ImageEncoder.png(new RgbImage(1, 1, new byte[3])));
  }

  private void put(String name, byte[] content) throws IOException {
    Path file = photos.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private PhotoAlignment alignment(
      String output, PhotoAlignment.Target target, FaceCutting cutting, long unreadable) {
    return new PhotoAlignment(
        LocalSpark.session(),
        new PhotoAlignment.Options(
            photos.toString(),
            folder.resolve(output).toString(),
            target,
            cutting,
            2,
            unreadable,
            1,
            StagedOutput.Existing.REFUSE));
  }

  private static FaceCutting cutting(
      FaceChoice choice, FaceCutting.Faces faces, FaceFilter filter) {
    return new FaceCutting(
        Fixtures.path("models/yunet_n_dynamic.onnx").toString(),
        Detection.AS_PUBLISHED,
        FaceAlignment.SIMILARITY,
        112,
        choice,
        faces,
        filter,
        FaceCutting.Format.PNG);
  }

  private static FaceCutting largest() {
    return cutting(FaceChoice.LARGEST, FaceCutting.Faces.ONE, FaceFilter.NONE);
  }

  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(".png"))
          .sorted()
          .toList();
    }
  }

  @Test
  void personFoldersAreKept() throws IOException {
    PhotoAlignment.Summary done =
        alignment("faces", PhotoAlignment.Target.FOLDER, largest(), 0).run();
    assertThat(done).isEqualTo(new PhotoAlignment.Summary(4, 3, 2, 1, 0));
    Path faces = folder.resolve("faces");
    assertThat(files(faces))
        .containsExactly("anna/grey.pgm.png", "ben/turned.jpg.png", "ben/upright.jpg.png");
    assertThat(Files.readString(faces.resolve("skipped.jsonl")))
        .isEqualTo(
            "{\"photo\":\"ben/tiny.png\",\"cause\":\"NO_FACE\",\"reason\":\"no face was"
                + " found\"}\n");
    assertThat(folder.resolve(".faces.parts")).doesNotExist();
    // the photo on its side gives the same face, as far as JPEG lets it
    RgbImage upright = face(faces.resolve("ben/upright.jpg.png"));
    RgbImage turned = face(faces.resolve("ben/turned.jpg.png"));
    double difference = 0;
    for (int i = 0; i < upright.rgb().length; i++) {
      difference += Math.abs((upright.rgb()[i] & 255) - (turned.rgb()[i] & 255));
    }
    assertThat(difference / upright.rgb().length).isLessThan(4);
    Row row =
        LocalSpark.session()
            .read()
            .parquet(faces.resolve("_faces").toString())
            .filter("source = 'ben/upright.jpg.png'")
            .first();
    assertThat(row.<String>getAs("photo")).isEqualTo("ben/upright.jpg");
    assertThat(row.<Float>getAs("score")).isCloseTo(0.93f, within(0.02f));
    assertThat(row.<Float>getAs("left_eye_x")).isCloseTo(274.7f, within(2f));
    assertThat(row.<Float>getAs("box_right")).isCloseTo(341.5f, within(2f));
  }

  private static RgbImage face(Path file) throws IOException {
    RgbImage face = ImageDecoder.decode(Files.readAllBytes(file), file.toString());
    assertThat(face.width()).isEqualTo(112);
    return face;
  }

  @Test
  void aRunThatFailedGoesOnWhereItWas() throws IOException {
    put("carl/bomb.png", TestPhotos.bomb());
    put("carl/cut.jpg", "\u00FF\u00D8 no picture".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> alignment("set", PhotoAlignment.Target.PARQUET, largest(), 0).run())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("256000000 pixels")
        .hasMessageContaining("2 unreadable photos in all")
        .hasMessageContaining("carl/bomb.png");
    assertThat(folder.resolve("set")).doesNotExist();
    // a sign by which the part is known again
    Path report = folder.resolve(".set.parts/part-000000.json");
    Files.writeString(report, Files.readString(report).replace("no face was found", "as before"));
    Files.deleteIfExists(folder.resolve(".set.parts/.part-000000.json.crc"));
    Files.delete(folder.resolve(".set.parts/part-000001.json"));
    // other options would mix two runs
    FaceCutting other = cutting(FaceChoice.CENTRAL, FaceCutting.Faces.ONE, FaceFilter.NONE);
    assertThatThrownBy(() -> alignment("set", PhotoAlignment.Target.PARQUET, other, 2).run())
        .hasMessageContaining("unfinished run");
    PhotoAlignment.Summary done =
        alignment("set", PhotoAlignment.Target.PARQUET, largest(), 2).run();
    assertThat(done).isEqualTo(new PhotoAlignment.Summary(6, 3, 2, 1, 2));
    assertThat(Files.readString(folder.resolve("set/skipped.jsonl")))
        .contains("as before")
        .contains("UNREADABLE");
    FaceSet set =
        FaceSet.open(
            new org.apache.hadoop.fs.Path(folder.resolve("set").toString()), new Configuration());
    assertThat(set.identities()).isEqualTo(2);
    assertThat(set.classes(new Configuration())).hasSize(2);
    try (FaceFile file =
        FaceFile.open(new org.apache.hadoop.fs.Path(set.files().get(0)), new Configuration())) {
      FaceRecord first = file.read(0).get(0);
      assertThat(first.width()).isEqualTo(112);
      assertThat(ImageDecoder.decode(first.image(), "row").height()).isEqualTo(112);
    }
  }

  @Test
  void aFaceSetIsAlignedAsAFolderIs() throws IOException {
    put("carl/name with a blank.png", ImageEncoder.png(new RgbImage(9, 9, new byte[243])));
    alignment("folder", PhotoAlignment.Target.FOLDER, largest(), 0).run();
    new FaceSetPreparation(
            LocalSpark.session(),
            new FaceSetPreparation.Options(
                photos.toString(),
                folder.resolve("photos.set").toString(),
                1,
                0,
                StagedOutput.Existing.REFUSE))
        .run();
    photos = folder.resolve("photos.set");
    PhotoAlignment.Summary done =
        alignment("again", PhotoAlignment.Target.FOLDER, largest(), 0).run();
    assertThat(done).isEqualTo(new PhotoAlignment.Summary(5, 3, 2, 2, 0));
    assertThat(files(folder.resolve("again"))).isEqualTo(files(folder.resolve("folder")));
  }

  @Test
  void allFacesAndFilters() throws IOException {
    FaceCutting all = cutting(FaceChoice.LARGEST, FaceCutting.Faces.ALL, FaceFilter.NONE);
    assertThat(alignment("all", PhotoAlignment.Target.FOLDER, all, 0).run().faces()).isEqualTo(5);
    assertThat(files(folder.resolve("all")))
        .contains("ben/upright.jpg.png", "ben/upright.jpg.face2.png");
    // the faces of s_l.jpg are 70 and 81 pixels wide, the grey one is smaller
    FaceFilter large = new FaceFilter(75, 0, 0, Double.POSITIVE_INFINITY);
    FaceCutting filtered = cutting(FaceChoice.SCORE, FaceCutting.Faces.ALL, large);
    PhotoAlignment.Summary some =
        alignment("some", PhotoAlignment.Target.FOLDER, filtered, 0).run();
    assertThat(some.faces()).isEqualTo(2);
    assertThat(Files.readString(folder.resolve("some/skipped.jsonl"))).contains("fewer than 75");
    FaceFilter sharp = new FaceFilter(0, 1e6, 0, Double.POSITIVE_INFINITY);
    FaceCutting none = cutting(FaceChoice.SCORE, FaceCutting.Faces.ONE, sharp);
    assertThatThrownBy(() -> alignment("none", PhotoAlignment.Target.FOLDER, none, 0).run())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no face was found in any photo");
  }

  /**
   * Photos in one folder, without people: as files, and as Spark's {@code binaryFile} reads them.
   */
  @Test
  void photosOfNobodyAreAligned() throws IOException {
    photos = folder.resolve("pile");
    put("a.pgm", Files.readAllBytes(Fixtures.path("faces/att_orl/s1/1.pgm")));
    put("b c.jpg", Files.readAllBytes(Fixtures.path("photos/s_l.jpg")));
    put("notes.txt", new byte[9]);
    PhotoAlignment.Summary all = new PhotoAlignment.Summary(2, 2, 1, 0, 0);
    assertThat(alignment("faces", PhotoAlignment.Target.FOLDER, largest(), 0).run()).isEqualTo(all);
    assertThat(files(folder.resolve("faces"))).containsExactly("a.pgm.png", "b c.jpg.png");
    Path rows = folder.resolve("rows");
    LocalSpark.session()
        .read()
        .format("binaryFile")
        .option("pathGlobFilter", "*.{pgm,jpg}")
        .load(photos.toString())
        .write()
        .parquet(rows.toString());
    photos = rows;
    assertThat(alignment("again", PhotoAlignment.Target.FOLDER, largest(), 0).run()).isEqualTo(all);
    assertThat(files(folder.resolve("again"))).containsExactly("a.pgm.png", "b c.jpg.png");
    assertThat(face(folder.resolve("again/b c.jpg.png")).rgb())
        .isEqualTo(face(folder.resolve("faces/b c.jpg.png")).rgb());
    assertThat(alignment("set", PhotoAlignment.Target.PARQUET, largest(), 0).run()).isEqualTo(all);
    List<Row> found =
        LocalSpark.session()
            .read()
            .parquet(folder.resolve("set") + "/part-*.parquet")
            .select("identity", "source")
            .orderBy("source")
            .collectAsList();
    assertThat(found.toString()).isEqualTo("[[unsorted,a.pgm.png], [unsorted,b c.jpg.png]]");
  }
}
