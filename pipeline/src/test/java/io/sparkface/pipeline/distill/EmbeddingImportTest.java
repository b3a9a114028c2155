package io.sparkface.pipeline.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceClass;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.interchange.NpzWriter;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.prepare.FaceInput;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.PersonFolderExport;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.train.SmallFaces;
import io.sparkface.pipeline.train.TrainingRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lists of the original's as training input. */
class EmbeddingImportTest {
  @TempDir static Path folder;
  private static SmallFaces faces;
  private static String model;

  @BeforeAll
  static void train() throws IOException {
    faces = SmallFaces.drawnIn(folder);
    model = faces.run(faces.plan("\nstages = [{}]"), folder.resolve("run")).run().model();
  }

  private static JavaSparkContext spark() {
    return JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
  }

  private static org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toString());
  }

  private static FaceSet set() {
    return FaceSet.open(path("faces"), SmallFaces.HADOOP);
  }

  private static List<FaceRecord> rows(FaceSet set) throws IOException {
    List<FaceRecord> rows = new ArrayList<>();
    for (String name : set.files()) {
      try (FaceFile file = FaceFile.open(new org.apache.hadoop.fs.Path(name), SmallFaces.HADOOP)) {
        for (int group = 0; group < file.rowGroupCount(); group++) {
          rows.addAll(file.read(group));
        }
      }
    }
    return rows;
  }

  private static EmbeddingSet.Manifest imported(String list, String output) throws IOException {
    return new EmbeddingImport(
            spark(),
            folder.resolve(list).toString(),
            folder.resolve("faces").toString(),
            folder.resolve(output).toString())
        .run();
  }

  /** What is exported comes back, value by value, and a student trains on it. */
  @ParameterizedTest
  @CsvSource({"npz, FLOAT32", "npz, FLOAT16", "tfrecord, FLOAT32", "tfrecord, FLOAT16"})
  void whatIsExportedIsTrainedOn(String format, EmbeddingFile.Precision precision)
      throws IOException {
    String name = format + precision;
    new Distillation(
            spark(),
            new Distillation.Options(
                List.of(model),
                Normalisation.FACE,
                precision,
                folder.resolve("faces").toString(),
                folder.resolve(name).toString()))
        .run();
    String list = name + "." + format;
    new EmbeddingExport(set(), path(name), SmallFaces.HADOOP).writeTo(path(list));
    EmbeddingSet.Manifest manifest = imported(list, name + "-back");
    assertThat(manifest.width()).isEqualTo(16);
    assertThat(manifest.precision()).isEqualTo(precision);
    EmbeddingSet before = EmbeddingSet.open(path(name), set(), SmallFaces.HADOOP);
    EmbeddingSet after = EmbeddingSet.open(path(name + "-back"), set(), SmallFaces.HADOOP);
    assertThat(after.of(set().rowGroups().get(0), rows(set())))
        .isDeepEqualTo(before.of(set().rowGroups().get(0), rows(set())));
    TrainingRun.Result result =
        faces
            .run(
                faces.plan(
                    "\nstages = [{ distill = 7 }]",
                    "data.embeddings=\"" + folder.resolve(name + "-back") + "\""),
                folder.resolve(name + "-run"))
            .run();
    assertThat(result.history().get("loss")).hasSize(1).allMatch(Double::isFinite);
  }

  private static void write(Path file, List<String> names, List<Integer> classes, int width)
      throws IOException {
    try (NpzWriter npz = new NpzWriter(Files.newOutputStream(file))) {
      long[] each = {names.size()};
      npz.add(
          "image_names",
          "<U80",
          each,
          out -> {
            for (String name : names) {
              ByteBuffer text = ByteBuffer.allocate(320).order(ByteOrder.LITTLE_ENDIAN);
              name.chars().forEach(text::putInt);
              out.write(text.array());
            }
          });
      npz.add("image_classes", "|u1", each, out -> classes.forEach(label -> writeByte(out, label)));
      if (width > 0) {
        npz.add(
            "embeddings",
            "<f4",
            new long[] {names.size(), width},
            out -> out.write(new byte[4 * width * names.size()]));
      }
    }
  }

  private static void writeByte(java.io.OutputStream out, int value) {
    try {
      out.write(value);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void whatDoesNotFitIsTold() throws IOException {
    List<String> sources = rows(set()).stream().map(FaceRecord::source).toList();
    List<Integer> zeros = sources.stream().map(any -> 0).toList();
    write(folder.resolve("few.npz"), sources.subList(1, 32), zeros.subList(1, 32), 4);
    assertThatThrownBy(() -> imported("few.npz", "few"))
        .hasStackTraceContaining(sources.get(0) + " of the set is not in the list");
    List<String> twice = new ArrayList<>(sources);
    twice.add("/elsewhere/" + sources.get(3));
    write(folder.resolve("twice.npz"), twice, java.util.Collections.nCopies(33, 0), 4);
    assertThatThrownBy(() -> imported("twice.npz", "twice"))
        .hasStackTraceContaining(sources.get(3) + " of the set is there twice");
    write(folder.resolve("none.npz"), sources, zeros, 0);
    assertThatThrownBy(() -> imported("none.npz", "none")).hasMessageContaining("no embeddings");
    assertThat(folder.resolve("few/_SUCCESS")).doesNotExist();
    assertThatThrownBy(() -> EmbeddingSet.open(path("none.npz"), set(), SmallFaces.HADOOP))
        .hasMessageContaining("distill --embeddings");
  }

  /** A shuffle cache that names some pictures, its classes in an order of their own. */
  @Test
  void aListOfPicturesIsPrepared() throws IOException {
    new PersonFolderExport(spark(), FaceInput.Options.all(folder.resolve("faces").toString(), 0))
        .writeTo(folder.resolve("people").toString(), StagedOutput.Existing.REFUSE);
    List<FaceRecord> rows = rows(set()).stream().filter(row -> row.label() != 2).toList();
    List<String> names = rows.stream().map(row -> "/gone/" + row.source()).toList();
    List<Integer> classes = rows.stream().map(row -> 9 - row.label()).toList();
    write(folder.resolve("people/cache_shuffle.npz"), names, classes, 0);
    new FaceSetPreparation(
            LocalSpark.session(),
            new FaceSetPreparation.Options(
                folder.resolve("people/cache_shuffle.npz").toString(),
                folder.resolve("listed").toString(),
                1,
                0,
                StagedOutput.Existing.REFUSE))
        .run();
    FaceSet listed = FaceSet.open(path("listed"), SmallFaces.HADOOP);
    assertThat(listed.manifest().rows()).isEqualTo(24);
    List<String> identities =
        set().classes(SmallFaces.HADOOP).stream().map(FaceClass::identity).toList();
    assertThat(listed.classes(SmallFaces.HADOOP))
        .extracting(FaceClass::identity)
        .containsExactly(identities.get(3), identities.get(1), identities.get(0));
    FaceRecord one = rows(listed).get(5);
    assertThat(rows)
        .anyMatch(
            row ->
                row.source().equals(one.source())
                    && java.util.Arrays.equals(row.image(), one.image()));
    write(folder.resolve("people/mixed.npz"), names, classes.stream().map(any -> 0).toList(), 0);
    assertThatThrownBy(
            () ->
                new FaceSetPreparation(
                        LocalSpark.session(),
                        new FaceSetPreparation.Options(
                            folder.resolve("people/mixed.npz").toString(),
                            folder.resolve("mixed").toString(),
                            1,
                            0,
                            StagedOutput.Existing.REFUSE))
                    .run())
        .hasMessageContaining("is both");
  }
}
