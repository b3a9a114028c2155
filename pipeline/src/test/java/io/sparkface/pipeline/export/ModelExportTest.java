package io.sparkface.pipeline.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.datasets.verification.VerificationBin;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.interop.onnx.PixelInput;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.layers.ParameterBlock.Part;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.embed.Embedder;
import io.sparkface.pipeline.embed.OnnxCard;
import io.sparkface.pipeline.inspect.Inspection;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

class ModelExportTest {
  private static final Configuration HADOOP = new Configuration();
  private static final NetworkSpec SPEC =
      NetworkSpec.of("mobilefacenet", "GDC", 16).withInput(32, 32);

  @TempDir Path folder;
  private String model;

  @BeforeEach
  void writeModel() throws IOException {
    model = folder.resolve("model").toString();
    ModelDirectory.write(
        model,
        new ModelCard(
            ModelCard.FORMAT,
            SPEC,
            3,
            1,
            "arcface",
            0,
            ModelCard.INPUT,
            Map.of("rows", "9"),
            Map.of("seed", "4"),
            Map.of("lfw", 0.9)),
        network(),
        HADOOP);
  }

  /**
   * With activations of the size they have after training: with the statistics of new layers each
   * one shrinks what it is given, and the embeddings are too small for half precision.
   */
  private static ComputationGraph network() {
    ComputationGraph network = TrainingGraph.embeddingOnly(SPEC);
    for (Layer layer : network.getLayers()) {
      ParameterBlock block = ((BlockLayer) layer.conf().getLayer()).block();
      INDArray statistics = block.view(layer.getParam(ParameterBlock.KEY), Part.STATISTICS);
      if (statistics != null) {
        statistics.getRow(1).assign(0.1);
      }
    }
    return network;
  }

  private ModelExport.Options options(
      String name, Precision precision, PixelInput pixels, ModelExport.BatchNorm batchNorm) {
    return new ModelExport.Options(
        model,
        folder.resolve(name).toString(),
        precision,
        pixels,
        ModelExport.Answer.EMBEDDING,
        batchNorm,
        Normalisation.FACE,
        Optional.empty(),
        8,
        StagedOutput.Existing.REFUSE);
  }

  @Test
  void theFileGivesTheSameEmbeddingsWhereverItsPixelsAreScaled() throws IOException {
    List<RgbImage> faces = FaceSample.drawn(4, 32, 32);
    float[][] expected = embeddings(model, faces);
    for (PixelInput pixels : PixelInput.values()) {
      String name = pixels + ".onnx";
      ModelExport.Result result =
          ModelExport.run(
              options(name, Precision.FLOAT32, pixels, ModelExport.BatchNorm.FOLDED), HADOOP);
      assertThat(result.agreement().maxDifference()).isLessThan(1e-4);
      assertThat(result.bytes()).isEqualTo(Files.size(folder.resolve(name)));
      // the model's own statement on its pixels wins over what the caller says
      Agreement again = Agreement.of(expected, embeddings(folder.resolve(name).toString(), faces));
      assertThat(again.suffices(Precision.FLOAT32)).as(again.toString()).isTrue();
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".tmp"));
    }
  }

  private static float[][] embeddings(String model, List<RgbImage> faces) {
    try (Embedder embedder = Embedder.open(model, Normalisation.IMAGENET, HADOOP)) {
      return embedder.embed(faces);
    }
  }

  @Test
  void halfPrecisionTakesHalfTheRoomAndInspectShowsTheCard() throws IOException {
    ModelExport.Result whole =
        ModelExport.run(
            options("m.onnx", Precision.FLOAT32, PixelInput.NORMALISED, ModelExport.BatchNorm.KEPT),
            HADOOP);
    ModelExport.Result half =
        ModelExport.run(
            options("h.onnx", Precision.FLOAT16, PixelInput.RAW, ModelExport.BatchNorm.KEPT),
            HADOOP);
    assertThat(half.bytes()).isLessThan(whole.bytes() * 6 / 10);
    assertThat(half.agreement().leastCosine()).isGreaterThan(0.999);
    Map<String, Object> shown = Inspection.of(half.output(), HADOOP);
    assertThat(shown).containsEntry("kind", "ONNX model").containsEntry("opset", 21L);
    OnnxCard card = (OnnxCard) shown.get("card");
    assertThat(card.normalisation()).isEqualTo(Normalisation.RAW);
    assertThat(card.precision()).isEqualTo("float16");
    assertThat(card.source())
        .containsEntry("margin", "arcface")
        .containsEntry("plan", Map.of("seed", "4"));
  }

  @Test
  void anExistingFileIsLeftAlone() throws IOException {
    Files.writeString(folder.resolve("m.onnx"), "mine");
    var options = options("m.onnx", Precision.FLOAT32, PixelInput.RAW, ModelExport.BatchNorm.KEPT);
    assertThatThrownBy(() -> ModelExport.run(options, HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("exists already");
    assertThat(folder.resolve("m.onnx")).hasContent("mine");
  }

  @Test
  void aNetworkOfOthersIsConverted() throws IOException {
    model = Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx").toString();
    ModelExport.Result result =
        ModelExport.run(
            options("h.onnx", Precision.FLOAT16, PixelInput.RAW, ModelExport.BatchNorm.FOLDED),
            HADOOP);
    assertThat(result.bytes()).isLessThan(Files.size(Path.of(model)) * 6 / 10);
  }

  /** The published MobileFaceNet, checked on faces that int8 was not calibrated on. */
  @Test
  void eightBitsKeepTheEmbeddings() throws IOException {
    model = Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx").toString();
    ModelExport.Options plain =
        options("i.onnx", Precision.INT8, PixelInput.RAW, ModelExport.BatchNorm.FOLDED);
    assertThatThrownBy(() -> ModelExport.run(plain, HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("calibrated on faces");
    for (Precision precision : List.of(Precision.INT8, Precision.INT8_WEIGHTS)) {
      ModelExport.Result result =
          ModelExport.run(
              new ModelExport.Options(
                  model,
                  folder.resolve(precision + ".onnx").toString(),
                  precision,
                  PixelInput.RAW,
                  ModelExport.Answer.EMBEDDING,
                  ModelExport.BatchNorm.FOLDED,
                  Normalisation.IMAGENET,
                  Optional.of(Fixtures.path("bin/small_lfw.bin").toString()),
                  16,
                  StagedOutput.Existing.REFUSE),
              HADOOP);
      assertThat(result.agreement().leastCosine()).isGreaterThan(0.99);
      assertThat(result.bytes()).isLessThan(Files.size(Path.of(model)) * 4 / 10);
    }
  }

  @Test
  void theBenchmarkHasARowForEachPrecisionAndNumberOfThreads() throws IOException {
    List<ModelBenchmark.Row> rows =
        ModelBenchmark.run(
            new ModelBenchmark.Options(
                model,
                Normalisation.FACE,
                List.of(Precision.FLOAT32, Precision.FLOAT16),
                List.of(1, 2),
                Optional.empty(),
                Optional.of(Fixtures.path("bin/small_lfw.bin").toString()),
                3),
            HADOOP);
    assertThat(rows).extracting(ModelBenchmark.Row::threads).containsExactly(1, 2, 1, 2);
    assertThat(rows.get(2).bytes()).isLessThan(rows.get(0).bytes() * 6 / 10);
    assertThat(rows).allSatisfy(row -> assertThat(row.accuracy()).isPresent());
  }

  /** 200 pairs of 50 people, int8 calibrated on 16 pictures of 8 others. */
  @Test
  void eightBitsKeepTheAccuracyOnPairs() throws IOException {
    List<Path> people;
    try (var folders = Files.list(Fixtures.path("faces/lfw_128"))) {
      people = folders.sorted().toList();
    }
    List<FacePair> pairs = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      for (int first = 0; first < 4; first += 2) {
        byte[] one = picture(people.get(i), first);
        pairs.add(new FacePair(pairs.size(), one, picture(people.get(i), first + 1), true));
        byte[] other = picture(people.get((i + 1) % 50), first + 1);
        pairs.add(new FacePair(pairs.size(), one, other, false));
      }
    }
    List<FacePair> calibration = new ArrayList<>();
    for (int i = 60; i < 68; i++) {
      calibration.add(
          new FacePair(i - 60, picture(people.get(i), 0), picture(people.get(i), 1), true));
    }
    List<ModelBenchmark.Row> rows =
        ModelBenchmark.run(
            new ModelBenchmark.Options(
                Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx").toString(),
                Normalisation.IMAGENET,
                List.of(Precision.FLOAT32, Precision.INT8),
                List.of(1),
                Optional.of(written("calibration.bin", calibration)),
                Optional.of(written("pairs.bin", pairs)),
                1),
            HADOOP);
    double whole = rows.get(0).accuracy().orElseThrow();
    assertThat(whole).isGreaterThan(0.95);
    assertThat(rows.get(1).accuracy().orElseThrow()).isCloseTo(whole, within(0.005 + 1e-9));
  }

  private String written(String name, List<FacePair> pairs) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      VerificationBin.write(out, pairs);
    }
    return file.toString();
  }

  private static byte[] picture(Path person, int number) throws IOException {
    try (var files = Files.list(person)) {
      return Files.readAllBytes(files.sorted().toList().get(number));
    }
  }

  @Test
  void embeddingsThatDifferDoNotAgree() {
    float[][] expected = {{1, 0}, {0, 2}};
    assertThat(Agreement.of(expected, expected).suffices(Precision.FLOAT32)).isTrue();
    Agreement off = Agreement.of(expected, new float[][] {{1, 0}, {0.5f, 2}});
    assertThat(off.leastCosine()).isLessThan(0.98);
    assertThat(off.suffices(Precision.INT8)).isFalse();
    Agreement lost = Agreement.of(expected, new float[][] {{Float.NaN, 0}, {0, 2}});
    assertThat(lost.suffices(Precision.FLOAT16)).isFalse();
  }
}
