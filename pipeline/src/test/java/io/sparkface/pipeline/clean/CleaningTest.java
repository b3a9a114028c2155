package io.sparkface.pipeline.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceClass;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.interchange.NpzContents;
import io.sparkface.datasets.interchange.TfExample;
import io.sparkface.datasets.interchange.TfRecordReader;
import io.sparkface.datasets.recordio.ImageRecord;
import io.sparkface.datasets.recordio.RecordFile;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.distill.Distillation;
import io.sparkface.pipeline.distill.EmbeddingExport;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.train.SmallFaces;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Cleaning and distilling one small set with one small network. */
class CleaningTest {
  private static final Configuration HADOOP = SmallFaces.HADOOP;

  @TempDir static Path folder;

  private static String model;

  @BeforeAll
  static void train() throws IOException {
    SmallFaces faces = SmallFaces.drawnIn(folder);
    model =
        faces
            .run(faces.plan("\nstages = [{ epochs = 1, sub-centres = 2 }]"), folder.resolve("run"))
            .run()
            .model();
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toString());
  }

  private static Cleaning cleaning(String output, double degrees, Cleaning.Output kind) {
    return cleaning(model, "faces", folder.resolve(output), degrees, kind);
  }

  private static Cleaning cleaning(String model, String data, Path output, Cleaning.Output kind) {
    return cleaning(model, data, output, 180, kind);
  }

  private static Cleaning cleaning(
      String model, String data, Path output, double degrees, Cleaning.Output kind) {
    return new Cleaning(
        LocalSpark.session(),
        new Cleaning.Options(
            model,
            folder.resolve(data).toString(),
            degrees,
            output.toString(),
            kind,
            StagedOutput.Existing.REFUSE));
  }

  private static FaceSet set(String name) {
    return FaceSet.open(hadoop(folder.resolve(name)), HADOOP);
  }

  private static List<FaceRecord> rows(FaceSet set) throws IOException {
    List<FaceRecord> rows = new ArrayList<>();
    for (RowGroup group : set.rowGroups()) {
      try (FaceFile file = FaceFile.open(new org.apache.hadoop.fs.Path(group.file()), HADOOP)) {
        rows.addAll(file.read(group.index()));
      }
    }
    return rows;
  }

  private static Distillation distillation(String data, String output, String... models) {
    return new Distillation(
        JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()),
        new Distillation.Options(
            List.of(models),
            Normalisation.FACE,
            EmbeddingFile.Precision.FLOAT32,
            folder.resolve(data).toString(),
            folder.resolve(output).toString()));
  }

  @Test
  void rewrittenAndIndexHoldTheSameRows() throws IOException {
    assertThat(cleaning("wide", 180, Cleaning.Output.REWRITTEN).run().dropped()).isZero();
    // the first angle at which something is left; tries share the pass through the network
    double middle = 0;
    for (double degrees = 30; middle == 0; degrees += 3) {
      try {
        cleaning("index", degrees, Cleaning.Output.INDEX).run();
        middle = degrees;
      } catch (UserError none) {
        assertThat(none).hasMessageContaining("raise --angle");
      }
    }
    Cleaning.Result result = cleaning("rewritten", middle, Cleaning.Output.REWRITTEN).run();
    assertThat(result.dropped()).isPositive();
    FaceSet rewritten = set("rewritten");
    FaceSet index = set("index");
    assertThat(rewritten.manifest().rows()).isEqualTo(32 - result.dropped());
    assertThat(rewritten.identities()).isEqualTo(result.identitiesLeft());
    assertThat(rows(rewritten)).hasSize((int) (32 - result.dropped()));
    assertThat(rows(index)).usingRecursiveComparison().isEqualTo(rows(rewritten));
    assertThat(rewritten.classes(HADOOP).stream().mapToLong(FaceClass::images).sum())
        .isEqualTo(rewritten.manifest().rows());
    assertThat(Files.readAllLines(folder.resolve("rewritten/dropped-00000.jsonl")))
        .hasSize((int) result.dropped())
        .allMatch(line -> line.contains("\"why\":\""));
    assertThat(Files.readAllLines(folder.resolve("rewritten/identities.jsonl"))).hasSize(4);
    try (var left = Files.list(folder)) {
      assertThat(left.map(Path::getFileName).map(Path::toString))
          .noneMatch(name -> name.contains(".measured-") || name.contains(".staging"));
    }
    // a teacher's embeddings of the whole set serve the cleaned one as well
    distillation("faces", "all", model).run();
    EmbeddingSet all = EmbeddingSet.open(hadoop(folder.resolve("all")), set("faces"), HADOOP);
    EmbeddingSet some = EmbeddingSet.open(hadoop(folder.resolve("all")), index, HADOOP);
    List<FaceRecord> before = rows(set("faces"));
    float[][] beforeValues = all.of(set("faces").rowGroups().get(0), before);
    float[][] afterValues = some.of(index.rowGroups().get(0), rows(index));
    List<Long> keys = before.stream().map(FaceRecord::key).toList();
    for (int i = 0; i < afterValues.length; i++) {
      int place = keys.indexOf(rows(index).get(i).key());
      assertThat(afterValues[i]).isEqualTo(beforeValues[place]);
    }
  }

  @Test
  void severalTeachersAreJoinedAndExported() throws IOException {
    EmbeddingSet.Manifest manifest = distillation("faces", "two", model, model).run();
    assertThat(manifest.width()).isEqualTo(32);
    FaceSet faces = set("faces");
    float[] joined =
        EmbeddingSet.open(hadoop(folder.resolve("two")), faces, HADOOP)
            .of(faces.rowGroups().get(0), rows(faces))[3];
    double square = 0;
    for (int d = 0; d < 16; d++) {
      assertThat(joined[d]).isEqualTo(joined[16 + d]);
      square += 2 * joined[d] * joined[d];
    }
    assertThat(square).isCloseTo(1, org.assertj.core.api.Assertions.within(1e-5));
    Path npz = folder.resolve("two.npz");
    new EmbeddingExport(faces, hadoop(folder.resolve("two")), HADOOP).writeTo(hadoop(npz));
    try (InputStream in = Files.newInputStream(npz)) {
      assertThat(NpzContents.read(in, "two.npz").get(2))
          .isEqualTo(new NpzContents.Member("embeddings", "<f4", List.of(32L, 32L)));
    }
  }

  @Test
  void tfRecordsHoldWhatTheOriginalReads() throws IOException {
    EmbeddingSet.Manifest manifest = distillation("faces", "one", model).run();
    Path file = folder.resolve("one.tfrecord");
    new EmbeddingExport(set("faces"), hadoop(folder.resolve("one")), HADOOP).writeTo(hadoop(file));
    FaceRecord first = rows(set("faces")).get(0);
    List<byte[]> records = new ArrayList<>();
    try (TfRecordReader in = new TfRecordReader(Files.newInputStream(file), "one.tfrecord")) {
      for (Optional<byte[]> next = in.next(); next.isPresent(); next = in.next()) {
        records.add(next.get());
      }
    }
    assertThat(records).hasSize(32);
    float[] embedding =
        EmbeddingSet.open(hadoop(folder.resolve("one")), set("faces"), HADOOP)
            .of(set("faces").rowGroups().get(0), rows(set("faces")))[0];
    assertThat(records.get(0))
        .isEqualTo(
            new TfExample()
                .bytes("image_names", first.source().getBytes(StandardCharsets.UTF_8))
                .integer("image_classes", first.label())
                .bytes("embeddings", EmbeddingFile.Precision.FLOAT32.encode(embedding))
                .integer("classes", 4)
                .integer("emb_shape", manifest.width())
                .integer("total", 32)
                .integer("use_fp16", 0)
                .toBytes());
  }

  @Test
  void recordsOfTheRowsThatStayHaveNoHeader() throws IOException {
    Cleaning.Result result = cleaning("rec-out", 180, Cleaning.Output.REC).run();
    assertThat(result.dropped()).isZero();
    int images = 0;
    try (RecordFile file = RecordFile.open(hadoop(folder.resolve("rec-out/train.rec")), HADOOP)) {
      for (ImageRecord record = file.next(); record != null; record = file.next()) {
        assertThat(record.isMetadata()).isFalse();
        assertThat(record.id()).isEqualTo(images++);
      }
    }
    assertThat(images).isEqualTo(32);
    assertThat(folder.resolve("rec-out/identities.jsonl")).exists();
    assertThat(folder.resolve(".rec-out.index")).doesNotExist();
  }

  @Test
  void goesOnWhereItStoppedAndWithNothingElse() throws IOException {
    distillation("faces", "again", model).run();
    Path output = folder.resolve("again");
    Path shard = output.resolve("shard-00000.parquet");
    byte[] whole = Files.readAllBytes(shard);
    // as if killed before the last file
    Files.delete(output.resolve("_SUCCESS"));
    var kept = Files.getLastModifiedTime(shard);
    assertThat(distillation("faces", "again", model).outlook().shardsThere()).isEqualTo(1);
    distillation("faces", "again", model).run();
    assertThat(Files.getLastModifiedTime(shard)).isEqualTo(kept);
    Files.delete(output.resolve("_SUCCESS"));
    Files.delete(shard);
    Files.writeString(output.resolve(".shard-00000.parquet.tmp"), "cut");
    distillation("faces", "again", model).run();
    assertThat(Files.readAllBytes(shard)).isEqualTo(whole);
    Files.delete(output.resolve("_SUCCESS"));
    assertThatThrownBy(() -> distillation("faces", "again", model, model).run())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("begun with other teachers");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "loss = CategoricalCrossentropy, scale = 0",
        "loss = MarginSoftmax, scale = 0",
        "loss = NormSoftmax, sub-centres = 2",
        "loss = ArcfaceLossSimple, sub-centres = 3",
        "loss = CosFaceLoss, sub-centres = 2",
        "loss = AirFaceLoss, sub-centres = 2",
        "loss = CurricularFaceLoss, sub-centres = 2",
        "loss = MagFaceLoss, sub-centres = 3",
        "loss = MagFaceLoss",
        "loss = AdaFaceLoss, sub-centres = 2",
        "loss = AdaCosLoss, scale = 0, sub-centres = 2",
        "loss = AcrTripLoss, grouped = true, sub-centres = 2",
        "loss = ArcfaceLoss, centre = 0.1, sub-centres = 2",
        "loss = ArcfaceLoss, triplet = 1",
        "loss = ArcfaceLoss, vpl-start = 1",
        "loss = ArcfaceLoss, class-share = 0.5, sub-centres = 2",
        "loss = ArcfaceLoss, class-split = 2, sub-centres = 2",
        "loss = DistillKLDivergenceLoss, sub-centres = 2"
      })
  void everyHeadHasCentresToCleanBy(String stage) throws IOException {
    Path work = Files.createTempDirectory(folder, "head");
    SmallFaces faces = new SmallFaces(folder);
    String plan = "\nstages = [{ epochs = 1, " + stage + " }]";
    if (stage.contains("Distill")) {
      plan += "\ndata.teacher = \"" + model + "\"";
    }
    String trained = faces.run(faces.plan(plan), work.resolve("run")).run().model();
    cleansBy(trained, ModelDirectory.open(trained, HADOOP).weight(TrainingGraph.CENTRES), work);
  }

  @Test
  void aKerasModelsHeadHasCentresToCleanBy() throws IOException {
    Path work = Files.createTempDirectory(folder, "keras");
    INDArray centres = Nd4j.rand(DataType.FLOAT, 5, 3L * set("faces").identities()).subi(0.5);
    cleansBy(kerasModel(work.resolve("model.h5"), centres), centres, work);
  }

  /** Of 16x16 pixels, saved as Keras_insightface saves a whole model, with three sub-centres. */
  private static String kerasModel(Path file, INDArray centres) {
    String config =
        """
        {"class_name": "Functional", "config": {"name": "model", "layers": [
          {"class_name": "InputLayer", "name": "images", "inbound_nodes": [],
           "config": {"name": "images", "batch_input_shape": [null, 16, 16, 3]}},
          {"class_name": "Flatten", "name": "flat", "inbound_nodes": [[["images", 0, 0, {}]]],
           "config": {"name": "flat", "data_format": "channels_last"}},
          {"class_name": "Dense", "name": "embedding", "inbound_nodes": [[["flat", 0, 0, {}]]],
           "config": {"name": "embedding", "units": 5, "activation": "linear",
                      "use_bias": false}},
          {"class_name": "keras_insightface>NormDense", "name": "arcface",
           "inbound_nodes": [[["embedding", 0, 0, {}]]],
           "config": {"name": "arcface", "units": %d, "loss_top_k": 3}}],
         "input_layers": [["images", 0, 0]], "output_layers": [["arcface", 0, 0]]}}
        """
            .formatted(centres.size(1) / 3);
    try (WritableHdfFile h5 = HdfFile.write(file)) {
      h5.putAttribute("model_config", config);
      h5.putAttribute("keras_version", "2.10.0");
      WritableGroup weights = h5.putGroup("model_weights");
      weights.putAttribute("layer_names", new String[] {"embedding", "arcface"});
      INDArray kernel = Nd4j.rand(DataType.FLOAT, 16 * 16 * 3, 5).subi(0.5);
      put(weights, "embedding", "kernel", kernel);
      put(weights, "arcface", "norm_dense_w", centres);
    }
    return file.toString();
  }

  private static void put(WritableGroup weights, String layer, String name, INDArray values) {
    WritableGroup group = weights.putGroup(layer);
    group.putAttribute("weight_names", new String[] {layer + "/" + name + ":0"});
    group.putGroup(layer).putDataset(name + ":0", values.toFloatMatrix());
  }

  private static void cleansBy(String trained, INDArray centres, Path work) throws IOException {
    Map<String, Double> degrees = degrees(trained, centres, folder.relativize(work) + "/embedded");
    double[] sorted = degrees.values().stream().mapToDouble(each -> each).sorted().toArray();
    double middle = (sorted[15] + sorted[16]) / 2;
    cleaning(trained, "faces", work.resolve("clean"), middle, Cleaning.Output.INDEX).run();
    assertThat(dropped(work.resolve("clean")))
        .containsExactlyInAnyOrderElementsOf(
            degrees.entrySet().stream()
                .filter(image -> image.getValue() > middle)
                .map(Map.Entry::getKey)
                .toList());
  }

  /** From each image to its identity's dominant sub-centre, as spec 8 has it, class by class. */
  private static Map<String, Double> degrees(String trained, INDArray weights, String name)
      throws IOException {
    distillation("faces", name, trained).run();
    FaceSet faces = set("faces");
    List<FaceRecord> rows = rows(faces);
    float[][] embeddings =
        EmbeddingSet.open(hadoop(folder.resolve(name)), faces, HADOOP)
            .of(faces.rowGroups().get(0), rows);
    int each = (int) weights.size(1) / faces.identities();
    Map<String, Double> degrees = new HashMap<>();
    for (int identity = 0; identity < faces.identities(); identity++) {
      int[] votes = new int[each];
      Map<String, double[]> cosines = new HashMap<>();
      for (int i = 0; i < rows.size(); i++) {
        if (rows.get(i).label() != identity) {
          continue;
        }
        double[] own = new double[each];
        int best = 0;
        for (int k = 0; k < each; k++) {
          INDArray centre = weights.getColumn((long) identity * each + k);
          own[k] = Transforms.cosineSim(Nd4j.createFromArray(embeddings[i]), centre);
          best = own[k] > own[best] ? k : best;
        }
        votes[best]++;
        cosines.put(rows.get(i).source(), own);
      }
      int dominant = 0;
      for (int k = 1; k < each; k++) {
        dominant = votes[k] > votes[dominant] ? k : dominant;
      }
      int column = dominant;
      cosines.forEach((source, own) -> degrees.put(source, Math.toDegrees(Math.acos(own[column]))));
    }
    return degrees;
  }

  private static List<String> dropped(Path clean) throws IOException {
    List<String> sources = new ArrayList<>();
    for (String line : Files.readAllLines(clean.resolve("dropped-00000.jsonl"))) {
      sources.add(new ObjectMapper().readTree(line).get("source").asText());
    }
    return sources;
  }

  @Test
  void aModelWithoutCentresOfIdentitiesIsRefusedBeforeAnythingIsEmbedded() throws IOException {
    Path work = Files.createTempDirectory(folder, "headless");
    SmallFaces faces = new SmallFaces(folder);
    String trained =
        faces
            .run(
                faces.plan("\nstages = [{ epochs = 1, scale = 0, loss = BatchHardTripletLoss }]"),
                work.resolve("run"))
            .run()
            .model();
    Cleaning cleaning = cleaning(trained, "faces", work.resolve("clean"), Cleaning.Output.INDEX);
    assertThatThrownBy(cleaning::outlook)
        .isInstanceOf(UserError.class)
        .hasMessageContaining("BatchHardTripletLoss alone")
        .hasMessageContaining("--centres means");
  }

  @ParameterizedTest
  @EnumSource(Cleaning.Output.class)
  void damageFoundOnTheWayLeavesNothingAndRepairedItGoesOn(Cleaning.Output kind)
      throws IOException {
    Path work = Files.createTempDirectory(folder, "damaged");
    copy(folder.resolve("faces"), work.resolve("faces"));
    Path file;
    try (Stream<Path> all = Files.list(work.resolve("faces"))) {
      file = all.filter(one -> one.getFileName().toString().startsWith("part-")).findAny().get();
    }
    byte[] whole = Files.readAllBytes(file);
    byte[] damaged = whole.clone();
    Arrays.fill(damaged, whole.length / 3, whole.length / 2, (byte) 0xa5);
    Files.write(file, damaged);
    String name = folder.relativize(work.resolve("faces")).toString();
    Path output = work.resolve("clean");
    assertThatThrownBy(() -> cleaning(model, name, output, kind).run())
        .isInstanceOf(Exception.class);
    assertThat(output).doesNotExist();
    Files.write(file, whole);
    Cleaning.Result result = cleaning(model, name, output, kind).run();
    assertThat(result.dropped()).isZero();
    List<byte[]> pictures = new ArrayList<>();
    if (kind == Cleaning.Output.REC) {
      try (RecordFile rec = RecordFile.open(hadoop(output.resolve("train.rec")), HADOOP)) {
        for (ImageRecord record = rec.next(); record != null; record = rec.next()) {
          pictures.add(record.image());
        }
      }
    } else {
      rows(FaceSet.open(hadoop(output), HADOOP)).forEach(row -> pictures.add(row.image()));
    }
    assertThat(pictures)
        .containsExactlyInAnyOrderElementsOf(
            rows(set("faces")).stream().map(FaceRecord::image).toList());
    try (Stream<Path> left = Files.list(work)) {
      assertThat(left.map(one -> one.getFileName().toString()))
          .containsExactlyInAnyOrder("faces", "clean");
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> all = Files.list(from)) {
      for (Path file : all.filter(one -> !one.toString().endsWith(".crc")).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
