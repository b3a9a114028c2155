package io.sparkface.pipeline.prepare;

import static io.sparkface.pipeline.prepare.PreparedFolder.HADOOP;
import static io.sparkface.pipeline.prepare.PreparedFolder.input;
import static io.sparkface.pipeline.prepare.PreparedFolder.spark;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.faces.FaceClass;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.Labels;
import io.sparkface.datasets.images.ImageHeader;
import io.sparkface.datasets.recordio.ImageRecord;
import io.sparkface.datasets.recordio.RecordFile;
import io.sparkface.datasets.recordio.RecordIndex;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What prepare makes beside a shuffled set, and what it takes and leaves. */
class PrepareTargetsTest {
  @TempDir Path folder;

  private PreparedFolder prepared;

  @BeforeEach
  void open() {
    prepared = new PreparedFolder(folder);
  }

  private static Map<String, byte[]> files(Path root) throws IOException {
    Map<String, byte[]> found = new HashMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        found.put(root.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return found;
  }

  @Test
  void personFoldersAreTheOriginals() throws IOException {
    Path rec = prepared.drawn("rec", 3, 4);
    Path folders = folder.resolve("folders");
    var result =
        new PersonFolderExport(spark(), input(rec, FaceSelection.ALL))
            .writeTo(folders.toString(), StagedOutput.Existing.REFUSE);
    assertThat(result).isEqualTo(new PersonFolderExport.Result(12, 3, 0));
    prepared.prepare(input(rec, FaceSelection.ALL), "faces");
    Map<String, byte[]> written = files(folders);
    assertThat(written).hasSize(12).containsKeys("0/1.jpg", "2/12.jpg");
    for (FaceRecord row : prepared.rows("faces")) {
      assertThat(written.get(row.source())).isEqualTo(row.image());
    }
    // and they can be built again from the set
    new PersonFolderExport(spark(), input(folder.resolve("faces"), FaceSelection.ALL))
        .writeTo(folder.resolve("again").toString(), StagedOutput.Existing.REFUSE);
    assertThat(files(folder.resolve("again"))).containsExactlyInAnyOrderEntriesOf(written);
  }

  @Test
  void recordsWithHeader0ReadBackAsTheyWere() throws IOException {
    Path rec = prepared.drawn("rec", 4, 3);
    prepared.prepare(input(rec, FaceSelection.ALL), "faces");
    new RecordExport(
            spark(), input(folder.resolve("faces"), FaceSelection.ALL), RecordExport.Layout.HEADER0)
        .writeTo(folder.resolve("out").toString(), StagedOutput.Existing.REFUSE);
    // drawn in the same layout, so every byte is the same
    for (String name : List.of("train.rec", "train.idx", "property")) {
      assertThat(Files.readAllBytes(folder.resolve("out").resolve(name)))
          .as(name)
          .isEqualTo(Files.readAllBytes(rec.resolveSibling(name)));
    }
    assertThat(Files.readAllLines(folder.resolve("out/classes.tsv"))).contains("3\t3").hasSize(4);
    assertThat(files(folder.resolve("out"))).hasSize(4);
  }

  @Test
  void plainRecordsBeginAtKey0AndHaveNoHeader() throws IOException {
    Path folders = Fixtures.path("rec/adaface_8/images");
    new RecordExport(spark(), input(folders, FaceSelection.ALL), RecordExport.Layout.PLAIN)
        .writeTo(folder.resolve("out").toString(), StagedOutput.Existing.REFUSE);
    List<Integer> labels = new ArrayList<>();
    try (RecordFile file =
        RecordFile.open(PreparedFolder.hadoop(folder.resolve("out/train.rec")), HADOOP)) {
      for (ImageRecord record = file.next(); record != null; record = file.next()) {
        assertThat(record.id()).isEqualTo(labels.size());
        labels.add(record.classLabel());
        assertThat(record.flag()).isZero();
      }
    }
    assertThat(labels).hasSize(8).isSorted().endsWith(1);
    try (InputStream in = Files.newInputStream(folder.resolve("out/train.idx"))) {
      assertThat(RecordIndex.read(in, "idx").offset(0)).hasValue(0);
    }
    assertThat(prepared.prepare(input(folder.resolve("out"), FaceSelection.ALL), "faces").rows())
        .isEqualTo(8);
  }

  @Test
  void rowsOfAPersonLieTogetherByPerson() throws IOException {
    prepared.prepare(
        input(prepared.drawn("rec", 6, 4), FaceSelection.ALL),
        "faces",
        FaceSetPreparation.Layout.BY_PERSON,
        Optional.empty());
    List<Integer> labels = prepared.rows("faces").stream().map(FaceRecord::label).toList();
    assertThat(labels).hasSize(24).isNotEqualTo(labels.stream().sorted().toList());
    int runs = 1;
    for (int i = 1; i < labels.size(); i++) {
      runs += labels.get(i).equals(labels.get(i - 1)) ? 0 : 1;
    }
    assertThat(runs).isEqualTo(6);
  }

  @Test
  void takesTheIdentitiesThatAreSelected() throws IOException {
    Path images = Fixtures.path("faces/lfw_128");
    List<Path> people;
    try (Stream<Path> all = Files.list(images)) {
      people = all.filter(Files::isDirectory).sorted().toList();
    }
    Set<String> some = new java.util.TreeSet<>();
    people.subList(0, 8).forEach(person -> some.add(person.getFileName().toString()));
    String first = people.get(0).getFileName().toString();
    var manifest =
        prepared.prepare(input(images, new FaceSelection(some, Set.of(first), 12, 3)), "faces");
    List<String> names = new ArrayList<>();
    long expected = 0;
    for (Path person : people.subList(1, 8)) {
      long count = files(person).size();
      if (count >= 12 && names.size() < 3) {
        names.add(person.getFileName().toString());
        expected += count;
      }
    }
    assertThat(manifest.rows()).isEqualTo(expected);
    assertThat(prepared.set("faces").classes(HADOOP).stream().map(FaceClass::identity).toList())
        .isEqualTo(names);
    assertThat(prepared.rows("faces")).hasSize((int) expected);
    assertThatThrownBy(
            () ->
                prepared.prepare(input(images, new FaceSelection(some, Set.of(), 1000, 0)), "none"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("none is selected");
  }

  @Test
  void picturesAreResizedWhereTheyDoNotFit() throws IOException {
    Path rec = prepared.drawn("rec", 2, 2);
    for (int side : new int[] {32, 48}) {
      prepared.prepare(
          new FaceInput.Options(
              rec.toString(),
              "",
              FaceSelection.ALL,
              new PictureRules(side, PictureRules.Decoding.PIXELS),
              0),
          "faces" + side);
      for (FaceRecord row : prepared.rows("faces" + side)) {
        assertThat(ImageHeader.of(row.image(), "").width()).isEqualTo(side).isEqualTo(row.width());
      }
    }
    prepared.prepare(input(rec, FaceSelection.ALL), "plain");
    assertThat(prepared.rows("faces32"))
        .usingRecursiveComparison()
        .isEqualTo(prepared.rows("plain"));
  }

  @Test
  void aSetGrowsWithoutBeingCopied() throws IOException {
    prepared.prepare(input(prepared.drawn("rec", 3, 4), FaceSelection.ALL), "faces");
    Path more = Fixtures.path("rec/adaface_8/images");
    Optional<GrownSet.Options> base =
        Optional.of(
            new GrownSet.Options(folder.resolve("faces").toString(), GrownSet.SameNames.REFUSE));
    var manifest =
        prepared.prepare(
            new FaceInput.Options(
                more.toString(), "more-", FaceSelection.ALL, PictureRules.UNCHANGED, 0),
            "grown",
            FaceSetPreparation.Layout.SHUFFLED,
            base);
    assertThat(manifest.rows()).isEqualTo(20);
    assertThat(manifest.identities()).isEqualTo(5);
    List<FaceRecord> before = prepared.rows("faces");
    List<FaceRecord> after = prepared.rows("grown");
    assertThat(after.subList(0, 12)).usingRecursiveComparison().isEqualTo(before);
    assertThat(after.subList(12, 20))
        .allMatch(row -> row.label() >= 3 && row.identity().startsWith("more-"));
    assertThat(after.stream().map(FaceRecord::key).distinct()).hasSize(20);
    assertThat(Labels.of(prepared.set("grown"), HADOOP).counts()).startsWith(4, 4, 4).hasSize(5);
    // read by prepare again it is one whole set, with the same labels
    prepared.prepare(input(folder.resolve("grown"), FaceSelection.ALL), "whole");
    assertThat(prepared.rows("whole").stream().sorted(Comparator.comparing(FaceRecord::key)))
        .usingRecursiveComparison()
        .isEqualTo(after.stream().sorted(Comparator.comparing(FaceRecord::key)).toList());
  }

  @Test
  void peopleOfOneNameAreOnlyMergedWhenSaid() throws IOException {
    Path rec = prepared.drawn("rec", 2, 3);
    prepared.prepare(input(rec, FaceSelection.ALL), "faces");
    String set = folder.resolve("faces").toString();
    assertThatThrownBy(
            () ->
                prepared.prepare(
                    input(rec, FaceSelection.ALL),
                    "grown",
                    FaceSetPreparation.Layout.SHUFFLED,
                    Optional.of(new GrownSet.Options(set, GrownSet.SameNames.REFUSE))))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("already")
        .hasMessageContaining("--identity-prefix");
    var manifest =
        prepared.prepare(
            input(rec, FaceSelection.ALL),
            "grown",
            FaceSetPreparation.Layout.SHUFFLED,
            Optional.of(new GrownSet.Options(set, GrownSet.SameNames.ONE_PERSON)));
    assertThat(manifest.identities()).isEqualTo(2);
    assertThat(prepared.rows("grown").stream().map(FaceRecord::source).distinct()).hasSize(12);
    assertThat(prepared.set("grown").classes(HADOOP)).allMatch(one -> one.images() == 6);
  }

  @Test
  void theHeaderLimitsLabelsWhereNoPropertyFileDoes() throws IOException {
    Path rec = prepared.drawn("rec", 3, 2);
    Files.delete(rec.resolveSibling("property"));
    byte[] bytes = Files.readAllBytes(rec);
    // the label of key 1, of class 0, becomes 3
    int offset =
        Integer.parseInt(Files.readAllLines(rec.resolveSibling("train.idx")).get(1).split("\t")[1]);
    System.arraycopy(new byte[] {0, 0, 0x40, 0x40}, 0, bytes, offset + 12, 4);
    Files.write(rec, bytes);
    assertThatThrownBy(() -> prepared.prepare(input(rec, FaceSelection.ALL), "faces"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("label 3 is outside the 3 classes of the header record")
        .hasMessageContaining("byte " + offset);
  }

  @Test
  void identityRecordsAreChecked() throws IOException {
    Path rec = prepared.drawn("rec", 3, 2);
    byte[] bytes = Files.readAllBytes(rec);
    // the label of key 1, of class 0, becomes 1: its identity record says keys 3 to 4
    int offset =
        Integer.parseInt(Files.readAllLines(rec.resolveSibling("train.idx")).get(1).split("\t")[1]);
    System.arraycopy(new byte[] {0, 0, (byte) 0x80, 0x3F}, 0, bytes, offset + 12, 4);
    Files.write(rec, bytes);
    assertThatThrownBy(() -> prepared.prepare(input(rec, FaceSelection.ALL), "faces"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("images of class 1 have the keys 3 to 4, they have 1 to 4");
  }

  private static void export(String target, Path from, Path to) throws IOException {
    if (target.equals("rec")) {
      new RecordExport(spark(), input(from, FaceSelection.ALL), RecordExport.Layout.HEADER0)
          .writeTo(to.toString(), StagedOutput.Existing.REFUSE);
    } else {
      new PersonFolderExport(spark(), input(from, FaceSelection.ALL))
          .writeTo(to.toString(), StagedOutput.Existing.REFUSE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rec", "folders"})
  void exportThatFailedOnTheWayWritesAllOfItOnceWhenRunAgain(String target) throws IOException {
    prepared.prepare(input(prepared.drawn("rec", 3, 4), FaceSelection.ALL), "faces");
    Path faces = folder.resolve("faces");
    export(target, faces, folder.resolve("whole"));
    Path part;
    try (Stream<Path> all = Files.list(faces)) {
      part = all.filter(file -> file.getFileName().toString().startsWith("part-")).findAny().get();
    }
    byte[] good = Files.readAllBytes(part);
    byte[] bad = good.clone();
    Arrays.fill(bad, good.length / 3, good.length / 2, (byte) 0xa5);
    Files.write(part, bad);
    Path output = folder.resolve("out");
    assertThatThrownBy(() -> export(target, faces, output)).isInstanceOf(Exception.class);
    assertThat(output).doesNotExist();
    Files.write(part, good);
    export(target, faces, output);
    assertThat(files(output)).containsExactlyInAnyOrderEntriesOf(files(folder.resolve("whole")));
  }
}
