package io.sparkface.pipeline.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceClass;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceFileWriter;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.SmallModel;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.distill.Distillation;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.train.SmallFaces;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed between every pair of steps by which an output comes to be, a disk that
 * refuses any one of them, or takes its time: what a reader finds is the old output, the new one,
 * or nothing, never a part; and the same command run again ends with the new one and leaves nothing
 * beside it.
 */
class FaultyCommitTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;

  /** Writes an output whose content tells {@code version}. */
  private interface Job {
    void run(int version, Configuration hadoop) throws IOException;
  }

  /** The version a reader finds; nothing where it refuses. */
  private interface Reader {
    Optional<Integer> read() throws IOException;
  }

  @AfterEach
  void live() {
    FaultyFileSystem.heal();
  }

  /** Kills a job that makes version 2, in a folder that is empty, before each of its steps. */
  private void killWhileNew(Job job, Reader reader) throws IOException {
    int step = 0;
    clear();
    while (killedBefore(step, job)) {
      Optional<Integer> found = reader.read();
      assertThat(found.orElse(2)).as("killed before step %d", step).isEqualTo(2);
      completes(step++, job, reader);
      clear();
    }
    assertThat(step).as("steps").isGreaterThan(2);
    assertThat(reader.read()).contains(2);
  }

  /** The same where version 1 is there, which is not lost before version 2 is whole. */
  private void killWhileReplacing(String output, Job job, Reader reader) throws IOException {
    int step = 0;
    clear();
    job.run(1, HADOOP);
    while (killedBefore(step, job)) {
      Optional<Integer> found = reader.read();
      // the first thing that the job does when it is run again
      new Replacement(FileSystem.getLocal(HADOOP), path(output)).recover();
      assertThat(reader.read()).as("killed before step %d, found %s", step, found).isPresent();
      completes(step++, job, reader);
      clear();
      job.run(1, HADOOP);
    }
    assertThat(step).as("steps").isGreaterThan(4);
    assertThat(reader.read()).contains(2);
  }

  private static boolean killedBefore(int step, Job job) throws IOException {
    FaultyFileSystem.Killed disk = new FaultyFileSystem.Killed(step);
    try {
      job.run(2, FaultyFileSystem.on(disk, HADOOP));
    } catch (Exception e) {
      if (!disk.happened()) {
        throw e;
      }
    }
    FaultyFileSystem.heal();
    return disk.happened();
  }

  /**
   * A disk that refuses one change, each in its turn: a job that then says that it is done has done
   * it, one that fails leaves the old output or the new one, and succeeds when it is run again.
   */
  private void failWhileReplacing(String output, Job job, Reader reader) throws IOException {
    int step = 0;
    FaultyFileSystem.Failing disk;
    do {
      clear();
      job.run(1, HADOOP);
      disk = new FaultyFileSystem.Failing(step);
      boolean done = true;
      try {
        job.run(2, FaultyFileSystem.on(disk, HADOOP));
      } catch (IOException | UserError e) {
        done = false;
      }
      FaultyFileSystem.heal();
      if (done) {
        assertThat(reader.read()).as("change %d refused, job done", step).contains(2);
      }
      new Replacement(FileSystem.getLocal(HADOOP), path(output)).recover();
      assertThat(reader.read()).as("change %d refused", step).isPresent();
      completes(step++, job, reader);
    } while (disk.happened());
    assertThat(step).as("changes").isGreaterThan(4);
  }

  /** A disk so slow that others read between any two changes. */
  private void readWhileReplacing(Job job, Reader reader) throws IOException {
    clear();
    job.run(1, HADOOP);
    List<Optional<Integer>> found = new ArrayList<>();
    job.run(2, FaultyFileSystem.on(() -> found.add(reader.read()), HADOOP));
    FaultyFileSystem.heal();
    assertThat(found).first().isEqualTo(Optional.of(1));
    assertThat(found).contains(Optional.of(2));
    // never the old one again after the new one
    assertThat(found.lastIndexOf(Optional.of(1))).isLessThan(found.indexOf(Optional.of(2)));
  }

  private void completes(int step, Job job, Reader reader) throws IOException {
    Optional<Integer> found = reader.read();
    try {
      job.run(2, HADOOP);
    } catch (UserError e) {
      // a job that overwrites nothing had ended but for its tidying up
      assertThat(found).as("killed before step %d: %s", step, e.getMessage()).contains(2);
    }
    assertThat(reader.read()).as("run again, killed before step %d", step).contains(2);
    assertThat(beside()).as("left, killed before step %d", step).isEmpty();
  }

  private void clear() throws IOException {
    FileSystem.getLocal(HADOOP).delete(path("out"), true);
    Files.createDirectory(folder.resolve("out"));
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toString());
  }

  /** Hidden files, but Hadoop's sums. */
  private List<String> beside() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("out"))) {
      return all.map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(".") && !name.endsWith(".crc"))
          .toList();
    }
  }

  private static Optional<Integer> refused(UserError error) {
    assertThat(error.getMessage()).isNotBlank();
    return Optional.empty();
  }

  private void writeFaces(int version, StagedOutput.Existing existing, Configuration hadoop)
      throws IOException {
    StagedOutput output = new StagedOutput(path("out/faces").toString(), existing, hadoop);
    StagedOutput.Part written =
        new StagedOutput.Part(output.partDirectory() + "/7-part", "part-00000.parquet");
    try (FaceFileWriter out = new FaceFileWriter(written.path(), hadoop)) {
      for (int key = 0; key < 2; key++) {
        out.write(new FaceRecord("anna", 0, key, new byte[] {(byte) version}, 1, 1, "a.jpg"));
      }
    }
    output.accept(written);
    output.dropUnaccepted();
    FaceClass.write(
        new org.apache.hadoop.fs.Path(output.staging(), FaceClass.FILE),
        List.of(new FaceClass("anna", 0, 2)),
        hadoop);
    output.commit(new FaceSetManifest(FaceSetManifest.FORMAT, 2, 1, 0, "rec", Map.of()));
  }

  private Optional<Integer> readFaces() throws IOException {
    FaceSet set;
    try {
      set = FaceSet.open(path("out/faces"), HADOOP);
    } catch (UserError e) {
      return refused(e);
    }
    List<Integer> versions = new ArrayList<>();
    for (RowGroup group : set.rowGroups()) {
      try (FaceFile file = FaceFile.open(new org.apache.hadoop.fs.Path(group.file()), HADOOP)) {
        file.read(group.index()).forEach(face -> versions.add((int) face.image()[0]));
      }
    }
    assertThat(versions).hasSize(2);
    assertThat(versions.get(0)).isEqualTo(versions.get(1));
    return Optional.of(versions.get(0));
  }

  @Test
  void aFaceSetComesWhole() throws IOException {
    killWhileNew(
        (version, hadoop) -> writeFaces(version, StagedOutput.Existing.REFUSE, hadoop),
        this::readFaces);
  }

  @Test
  void aFaceSetIsReplacedWhole() throws IOException {
    killWhileReplacing(
        "out/faces",
        (version, hadoop) -> writeFaces(version, StagedOutput.Existing.OVERWRITE, hadoop),
        this::readFaces);
  }

  @Test
  void aFaceSetIsWholeOnAFailingOrSlowDisk() throws IOException {
    Job job = (version, hadoop) -> writeFaces(version, StagedOutput.Existing.OVERWRITE, hadoop);
    failWhileReplacing("out/faces", job, this::readFaces);
    readWhileReplacing(job, this::readFaces);
  }

  private void writeText(int version, Configuration hadoop) throws IOException {
    byte[] text = ("version " + version).getBytes(StandardCharsets.UTF_8);
    Replacement.write(path("out/report.html"), hadoop, out -> out.write(text));
  }

  private Optional<Integer> readText() throws IOException {
    if (!Files.exists(folder.resolve("out/report.html"))) {
      return Optional.empty();
    }
    // by Hadoop, which compares its sum
    try (InputStream in = FileSystem.getLocal(HADOOP).open(path("out/report.html"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(text).matches("version \\d");
      return Optional.of(Integer.parseInt(text.substring(8)));
    }
  }

  /** Reports, results, exported models and embeddings, pair sets, histories: all written so. */
  @Test
  void aFileComesAndIsReplacedWhole() throws IOException {
    killWhileNew(this::writeText, this::readText);
    killWhileReplacing("out/report.html", this::writeText, this::readText);
    failWhileReplacing("out/report.html", this::writeText, this::readText);
    readWhileReplacing(this::writeText, this::readText);
  }

  private void writeModel(int version, Configuration hadoop) throws IOException {
    SmallModel.write(path("out/model"), version, hadoop);
  }

  private Optional<Integer> readModel() {
    try {
      ModelDirectory model = ModelDirectory.open(path("out/model").toString(), HADOOP);
      assertThat(model.weights()).isNotEmpty();
      return Optional.of(model.card().classes());
    } catch (UserError e) {
      return refused(e);
    }
  }

  @Test
  void aModelComesAndIsReplacedWhole() throws IOException {
    killWhileNew(this::writeModel, this::readModel);
    killWhileReplacing("out/model", this::writeModel, this::readModel);
    failWhileReplacing("out/model", this::writeModel, this::readModel);
    readWhileReplacing(this::writeModel, this::readModel);
  }

  /** Settings of tasks and driver of the shared session, for the length of one job. */
  private static void inSpark(Configuration hadoop, SparkJob job) throws IOException {
    Configuration shared = LocalSpark.session().sparkContext().hadoopConfiguration();
    List<String> keys = List.of("fs.file.impl", "fs.file.impl.disable.cache");
    keys.stream()
        .filter(key -> hadoop.get(key) != null)
        .forEach(key -> shared.set(key, hadoop.get(key)));
    try {
      job.run(LocalSpark.session());
    } finally {
      keys.forEach(shared::unset);
    }
  }

  private interface SparkJob {
    void run(SparkSession spark) throws IOException;
  }

  @Test
  @Tag("slow")
  void preparationIsKilledAnywhere() throws IOException {
    SmallFaces.drawnIn(folder);
    killWhileNew(
        (version, hadoop) ->
            inSpark(
                hadoop,
                spark ->
                    new FaceSetPreparation(
                            spark,
                            new FaceSetPreparation.Options(
                                folder.resolve("rec").toString(),
                                path("out/faces").toString(),
                                1,
                                0,
                                StagedOutput.Existing.REFUSE))
                        .run()),
        () -> {
          try {
            FaceSet set = FaceSet.open(path("out/faces"), HADOOP);
            assertThat(set.manifest().rows()).isEqualTo(32);
            return Optional.of(2);
          } catch (UserError e) {
            return refused(e);
          }
        });
  }

  @Test
  @Tag("slow")
  void distillationIsKilledAnywhere() throws IOException {
    SmallFaces.drawnIn(folder);
    String model = SmallModel.write(folder.resolve("teacher"));
    FaceSet faces = FaceSet.open(path("faces"), HADOOP);
    killWhileNew(
        (version, hadoop) ->
            inSpark(
                hadoop,
                spark ->
                    new Distillation(
                            JavaSparkContext.fromSparkContext(spark.sparkContext()),
                            new Distillation.Options(
                                List.of(model),
                                Normalisation.FACE,
                                EmbeddingFile.Precision.FLOAT32,
                                path("faces").toString(),
                                path("out/embeddings").toString()))
                        .run()),
        () -> {
          try {
            EmbeddingSet.open(path("out/embeddings"), faces, HADOOP);
            return Optional.of(2);
          } catch (UserError e) {
            return refused(e);
          }
        });
  }
}
