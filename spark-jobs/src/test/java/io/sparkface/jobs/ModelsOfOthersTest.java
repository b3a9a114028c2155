package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.faces.Embedding;
import io.sparkface.datasets.faces.EmbeddingFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Models of other frameworks where jobs take a model. One small network of two convolutions, whose
 * last layer was fitted to drawn people, was saved by ONNX, by Keras and as MXNet's files, so that
 * all three have to give the same; a narrow MobileFaceNet by PyTorch, with weights by chance.
 */
class ModelsOfOthersTest {
  private static final List<String> SPARK = List.of("spark.master", "spark.ui.enabled");

  @TempDir static Path folder;

  @BeforeAll
  static void drawFaces() throws IOException {
    System.setProperty(SPARK.get(0), "local[2]");
    System.setProperty(SPARK.get(1), "false");
    run("synthesize", "--output", at("rec"), "--identities=8", "--images=12", "--seed=5");
    run("prepare", "--input", at("rec/train.rec"), "--output", at("faces"));
  }

  @AfterAll
  static void forgetSettings() {
    SPARK.forEach(System::clearProperty);
  }

  private static String at(String name) {
    return folder.resolve(name).toString();
  }

  /** The network as one framework saved it. */
  private static String saved(String name) {
    try {
      String first = name.replace(",0", "-symbol.json");
      Path file = Path.of(ModelsOfOthersTest.class.getResource(first).toURI());
      return file.resolveSibling(name).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pyTorch(String name) {
    return Path.of(
            System.getProperty("sparkface.root"),
            "dl4j-models/src/test/resources/io/sparkface/models/interop/torch",
            name)
        .toString();
  }

  private static JsonNode run(String... words) throws IOException {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    boolean json = !words[0].equals("synthesize");
    if (json) {
      all.add("--json");
    }
    JobRun run = JobRun.of(all.toArray(String[]::new));
    assertThat(run.status()).as(run.err()).isZero();
    return json ? new ObjectMapper().readTree(run.out()) : null;
  }

  @Test
  void evaluateScoresThemAlike() throws IOException {
    String onnx = saved("face.onnx");
    run("export", "--model", saved("face,0"), "--output", at("again.onnx"));
    JsonNode found =
        run(
            "evaluate",
            "--model",
            onnx,
            saved("face.h5"),
            saved("face,0"),
            at("again.onnx"),
            pyTorch("mbf.pth"),
            "--pairs",
            at("rec/heldout.bin"));
    JsonNode expected = found.get(onnx).get("heldout");
    assertThat(expected.get("pairs").asInt()).isEqualTo(200);
    assertThat(expected.get("accuracy").asDouble()).isGreaterThan(0.8);
    for (String other : List.of(saved("face.h5"), saved("face,0"), at("again.onnx"))) {
      JsonNode scores = found.get(other).get("heldout");
      for (String score : List.of("accuracy", "threshold", "tenFoldAccuracy", "auc")) {
        assertThat(scores.get(score).asDouble())
            .as("%s of %s", score, other)
            .isCloseTo(expected.get(score).asDouble(), within(1e-4));
      }
    }
    JsonNode chance = found.get(pyTorch("mbf.pth")).get("heldout");
    assertThat(chance.get("auc").asDouble()).isBetween(0.3, 1.0);
  }

  @Test
  void distillKeepsTheSameEmbeddings() throws IOException {
    List<float[]> expected = distilled(saved("face.onnx"), "teacher-onnx", 16);
    assertThat(expected).hasSize(96);
    assertClose(distilled(saved("face.h5"), "teacher-keras", 16), expected);
    assertClose(distilled(saved("face,0"), "teacher-mxnet", 16), expected);
    int width = 5;
    assertClose(
        distilled(pyTorch("mbf.safetensors"), "teacher-safetensors", width),
        distilled(pyTorch("mbf.pth"), "teacher-pth", width));
  }

  private static List<float[]> distilled(String model, String output, int width)
      throws IOException {
    JsonNode result =
        run("distill", "--model", model, "--data", at("faces"), "--output", at(output));
    assertThat(result.get("width").asInt()).isEqualTo(width);
    List<float[]> rows = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve(output))) {
      for (Path file :
          files
              .filter(one -> one.getFileName().toString().startsWith("shard-"))
              .sorted()
              .toList()) {
        try (EmbeddingFile in =
            EmbeddingFile.open(
                new org.apache.hadoop.fs.Path(file.toString()), new Configuration())) {
          in.read().forEachRemaining((Embedding row) -> rows.add(row.values()));
        }
      }
    }
    return rows;
  }

  private static void assertClose(List<float[]> found, List<float[]> expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i)).as("image %d", i).containsExactly(expected.get(i), within(1e-4f));
    }
  }

  /** Drawn people may be alike, so not all wrong labels can be told. */
  @Test
  void dropTopkFindsTheSameWrongLabels() throws IOException {
    Set<Long> wrong = new TreeSet<>();
    new ObjectMapper()
        .readTree(folder.resolve("rec/noise.json").toFile())
        .get("keys")
        .forEach(key -> wrong.add(key.asLong()));
    Set<Long> expected = null;
    for (String model : List.of("face.onnx", "face.h5", "face,0")) {
      String output = "clean-" + model.replace(',', '-');
      JsonNode result =
          run("drop-topk", "--model", saved(model), "--data", at("faces"), "--output", at(output));
      Set<Long> dropped = dropped(output);
      assertThat(result.get("images").asInt()).isEqualTo(96);
      assertThat(result.get("dropped").asInt()).isEqualTo(dropped.size());
      if (expected == null) {
        expected = dropped;
        assertThat(wrong).containsAll(dropped);
        assertThat(dropped).hasSizeGreaterThanOrEqualTo(wrong.size() / 2);
      }
      assertThat(dropped).as(model).isEqualTo(expected);
    }
  }

  @Test
  void dropTopkRunsAStateDictAndSaysWhatItDoes() throws IOException {
    String model = pyTorch("mbf.pth");
    String[] words = {
      "drop-topk", "--model", model, "--data", at("faces"), "--output", at("state")
    };
    JsonNode outlook =
        run(Stream.concat(Arrays.stream(words), Stream.of("--dry-run")).toArray(String[]::new));
    assertThat(outlook.get("centre").asText()).isEqualTo("identity mean");
    assertThat(folder.resolve("state")).doesNotExist();
    JsonNode result = run(words);
    assertThat(dropped("state")).hasSize(result.get("dropped").asInt());
    JobRun head =
        JobRun.of(
            "drop-topk",
            "--model",
            model,
            "--centres",
            "head",
            "--data",
            at("faces"),
            "--output",
            at("never"));
    assertThat(head.status()).isEqualTo(2);
    assertThat(head.err()).contains("pass --centres means");
  }

  private static Set<Long> dropped(String output) throws IOException {
    Set<Long> keys = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder.resolve(output))) {
      for (Path file :
          files.filter(one -> one.getFileName().toString().matches("dropped-.*l")).toList()) {
        for (String line : Files.readAllLines(file)) {
          keys.add(new ObjectMapper().readTree(line).get("key").asLong());
        }
      }
    }
    return keys;
  }

  @ParameterizedTest
  @CsvSource({"face.onnx, ONNX", "face.h5, Keras", "'face,0', MXNet"})
  void inspectSaysWhatTheyAre(String model, String framework) throws IOException {
    JsonNode shown = run("inspect", saved(model));
    assertThat(shown.get("kind").asText()).startsWith(framework);
    assertThat(shown.get("operators").toString()).contains("Conv");
  }

  /** The published network of the fixtures by its command line, beside an independent run. */
  @Test
  void evaluateGivesThePublishedNetworksCosines() throws IOException {
    List<String> lines = Files.readAllLines(Fixtures.path("expected/small_lfw_pair_cosines.csv"));
    JsonNode found =
        run(
            "evaluate",
            "--model",
            Fixtures.path("models/mobilefacenet_onnx/mobilefacenet_opset11.onnx").toString(),
            "--pairs",
            Fixtures.path("bin/small_lfw.bin").toString(),
            "--normalisation",
            "imagenet",
            "--no-flip",
            "--cosines");
    JsonNode cosines = found.get("small_lfw").get("cosines");
    assertThat(cosines).hasSize(10);
    for (int i = 0; i < 10; i++) {
      String[] cells = lines.get(i + 1).split(",");
      assertThat(cosines.get(i).asDouble())
          .isCloseTo(Double.parseDouble(cells[cells.length - 1]), within(1e-4));
    }
  }

  /** A published MXNet checkpoint as teacher: 202 numbers of raw pixels. */
  @Test
  void distillTakesAPublishedMxnetModel() throws IOException {
    Fixtures.path("models/genderage_mxnet/model-symbol.json");
    String model = Fixtures.path("models/genderage_mxnet").resolve("model,0").toString();
    assertThat(distilled(model, "teacher-published", 202)).hasSize(96);
  }
}
