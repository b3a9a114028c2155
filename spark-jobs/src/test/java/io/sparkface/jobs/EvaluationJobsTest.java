package io.sparkface.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.pipeline.SmallModel;
import io.sparkface.pipeline.report.SmallRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jobs that evaluate and report, by their command lines, in this JVM. */
class EvaluationJobsTest {
  private static final List<String> SPARK =
      List.of("spark.master", "spark.ui.enabled", "spark.sql.shuffle.partitions");

  @TempDir static Path folder;

  @BeforeAll
  static void drawFacesAndModels() throws IOException {
    List<String> values = List.of("local[2]", "false", "2");
    for (int i = 0; i < SPARK.size(); i++) {
      System.setProperty(SPARK.get(i), values.get(i));
    }
    run("synthesize", "--output", at("rec"), "--size=32", "--identities=6", "--images=6");
    run("prepare", "--input", at("rec"), "--output", at("people"), "--to", "folders");
    Files.copy(folder.resolve("rec/heldout.bin"), folder.resolve("other.bin"));
    SmallModel.write(folder.resolve("first"));
    SmallModel.write(folder.resolve("second"));
  }

  @AfterAll
  static void forgetSettings() {
    SPARK.forEach(System::clearProperty);
  }

  private static String at(String name) {
    return folder.resolve(name).toString();
  }

  /** Standard output of a job that succeeds. */
  private static String run(String... words) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, UTF_8));
    try {
      assertThat(Main.run(words)).as(String.join(" ", words)).isZero();
    } finally {
      System.setOut(before);
    }
    return out.toString(UTF_8);
  }

  private static JsonNode json(String... words) throws IOException {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.add("--json");
    return new ObjectMapper().readTree(run(all.toArray(String[]::new)));
  }

  private static String page(String... paths) throws IOException {
    List<String> words = new ArrayList<>(List.of("report"));
    words.addAll(Arrays.asList(paths));
    words.addAll(List.of("--output", at("page.html"), "--plots", at("plots")));
    run(words.toArray(String[]::new));
    return Files.readString(folder.resolve("page.html"));
  }

  @Test
  void severalModelsOnSeveralSetsAreOneRunAndOneReport() throws IOException {
    JsonNode found =
        json(
            "evaluate",
            "--model",
            at("first"),
            at("second"),
            "--pairs",
            at("rec/heldout.bin"),
            at("other.bin"),
            "--output",
            at("results"),
            "--examples",
            "2");
    for (String model : List.of(at("first"), at("second"))) {
      JsonNode sets = found.get(model);
      assertThat(sets.get("other")).isEqualTo(sets.get("heldout"));
      assertThat(sets.get("heldout").get("tenFoldAccuracy").asDouble()).isBetween(0.3, 1.0);
    }
    try (var files = Files.walk(folder.resolve("results"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".json"))).hasSize(4);
    }
    assertThat(page(at("results")))
        .contains("ROC on heldout", "ROC on other", "Hardest pairs of heldout");
    assertThat(folder.resolve("plots/roc-other.png")).isNotEmptyFile();
  }

  @Test
  void aFolderGivesAResultAndAPairSetThatCanBeEvaluated() throws IOException {
    JsonNode found =
        json(
            "evaluate-folder",
            "--data",
            at("people"),
            "--model",
            at("first"),
            "--output",
            at("folder"),
            "--write-pairs",
            at("hard.bin"),
            "--positives=30",
            "--negatives=50");
    assertThat(found.get("prototypes").get("images").asInt()).isEqualTo(36);
    assertThat(found.get("pairs").get("same").asInt()).isEqualTo(30);
    assertThat(found.get("pairs").get("different").asInt()).isEqualTo(50);
    assertThat(page(at("folder"))).contains("picture left out", "picture in its prototype");
    JsonNode hard =
        json("evaluate", "--model", at("first"), "--pairs", at("hard.bin"), "--no-flip");
    assertThat(hard.get("hard").get("pairs").asInt()).isEqualTo(80);
    // they are the hardest: a network that is no better than chance is worse on them
    assertThat(hard.get("hard").get("auc").asDouble()).isLessThan(0.5);
  }

  @Test
  void ijbFromFacesToTableAndFromKeptScoresToTheSameTable() throws IOException {
    json("ijb-synth", "--input", at("people"), "--output", at("ijb"));
    JsonNode made =
        json(
            "evaluate-ijb",
            "--data",
            at("ijb"),
            "--model",
            at("first"),
            "--embeddings",
            at("embeddings"),
            "--all",
            "--identify",
            "--scores",
            at("scores"),
            "--output",
            at("ijb-results"));
    assertThat(made.get("verification")).hasSize(8);
    assertThat(made.get("identification").get("galleries")).hasSize(2);
    JsonNode restored =
        json("evaluate-ijb", "--data", at("ijb"), "--embeddings", at("embeddings"), "--identify");
    assertThat(restored.get("verification").get("N0D1F1"))
        .isEqualTo(made.get("verification").get("N0D1F1"));
    assertThat(restored.get("identification")).isEqualTo(made.get("identification"));
    String file = at("scores/N1D1F0.npz");
    JsonNode plotted =
        json("evaluate-ijb", "--plot-only", file, "--output", at("plotted"))
            .get("verification")
            .get(file + " N1D1F0");
    for (String figure : List.of("auc", "tarAtFar", "genuine", "roc", "insightface")) {
      assertThat(plotted.get(figure))
          .as(figure)
          .isEqualTo(made.get("verification").get("N1D1F0").get(figure));
    }
    assertThat(page(at("ijb-results"), at("plotted")))
        .contains("ROC on IJBB", "ijb-results, N0D1F1", "plotted, N1D1F0", "CMC on IJBB 1N");
  }

  @Test
  void embeddingsThatAreNoNumbersEndTheJobs() throws IOException {
    String diverged = SmallModel.writeDiverged(folder.resolve("diverged"));
    PrintStream before = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new PrintStream(err, true, UTF_8));
    try {
      assertThat(Main.run("evaluate", "--model", diverged, "--pairs", at("rec/heldout.bin")))
          .isEqualTo(2);
      assertThat(Main.run("evaluate-folder", "--data", at("people"), "--model", diverged))
          .isEqualTo(2);
    } finally {
      System.setErr(before);
    }
    assertThat(err.toString(UTF_8).split("error: the network's embedding is not finite", -1))
        .hasSize(3);
  }

  @Test
  void aServedReportIsOnLoopback() throws Exception {
    SmallRun.write(folder.resolve("run"), 0.9, 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, UTF_8));
    Thread job =
        new Thread(() -> Main.run("report", at("run"), "--serve", "--port", "0"), "report job");
    try {
      job.start();
      while (job.isAlive() && !out.toString(UTF_8).contains("\n")) {
        Thread.sleep(50);
      }
      String address = out.toString(UTF_8).strip();
      assertThat(address).matches("http://127\\.0\\.0\\.1:\\d+/");
      HttpResponse<String> page =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(address)).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(page.body()).contains("Training loss");
    } finally {
      job.interrupt();
      job.join();
      System.setOut(before);
    }
  }
}
