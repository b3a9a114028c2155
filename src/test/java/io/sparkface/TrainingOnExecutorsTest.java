package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.synthetic.SyntheticFaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Training in executors that are JVMs of their own, with what can happen to them. */
class TrainingOnExecutorsTest {
  private static final Configuration HADOOP = new Configuration();
  private static final int IMAGES = 96;

  @TempDir static Path shared;

  @TempDir Path folder;

  @BeforeAll
  static void drawFaces() throws IOException {
    new SyntheticFaces(new SyntheticFaces.Options(6, 16, 32, 0, 20, 1))
        .write(new org.apache.hadoop.fs.Path(shared.resolve("rec").toString()), HADOOP);
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()) {
      new FaceSetPreparation(
              spark,
              new FaceSetPreparation.Options(
                  shared.resolve("rec").toString(),
                  shared.resolve("faces").toString(),
                  1,
                  0,
                  StagedOutput.Existing.REFUSE))
          .run();
    }
  }

  private Path plan(String stages) throws IOException {
    return Files.writeString(
        folder.resolve("plan.conf"),
        """
        network { image-size = 32, embedding-size = 16, batch-norm-momentum = 0.9 }
        data { batch-size = 12, faces = "%s" }
        optimiser.learning-rate = 0.05
        stage-defaults.scale = 8
        %s
        """
            .formatted(shared.resolve("faces"), stages));
  }

  private Submission train(Path plan, String output, String master, String... more)
      throws IOException {
    return train(plan, output, master, List.of(more), List.of());
  }

  private Submission train(
      Path plan, String output, String master, List<String> more, List<String> spark)
      throws IOException {
    List<String> words =
        new ArrayList<>(List.of("train", "--conf", plan.toString(), "--output", output, "--json"));
    words.addAll(more);
    words.addAll(
        List.of(
            "--",
            "--master",
            master,
            "--conf",
            "spark.ui.enabled=false",
            "--conf",
            "spark.executor.memory=768m"));
    spark.forEach(setting -> words.addAll(List.of("--conf", setting)));
    return Submission.start(folder, Map.of(), words.toArray(String[]::new));
  }

  private static JsonNode ended(Submission job) throws IOException, InterruptedException {
    int status = job.await();
    assertThat(status).as(job.err()).isZero();
    return new ObjectMapper().readTree(job.out());
  }

  private Map<String, INDArray> weights(String output) {
    return ModelDirectory.open(folder.resolve(output).resolve("model").toString(), HADOOP)
        .weights();
  }

  private void assertWhole(JsonNode result, String output, int epochs) throws IOException {
    assertThat(result.get("epochs").asInt()).isEqualTo(epochs);
    assertThat(result.get("steps").asInt()).isEqualTo(epochs * IMAGES / 12);
    assertThat(result.get("history").get("loss")).hasSize(epochs);
    result.get("history").get("loss").forEach(loss -> assertThat(loss.asDouble()).isFinite());
    assertThat(weights(output))
        .allSatisfy((name, value) -> assertThat(value.isNaN().any()).as(name).isFalse());
    // what a killed attempt left behind is not there
    try (Stream<Path> left = Files.list(folder.resolve(output).resolve("checkpoints"))) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .allMatch(name -> name.startsWith("step-"));
    }
  }

  @Test
  void twoExecutorsTrainOneNetwork() throws IOException, InterruptedException {
    Path metrics = Files.createDirectory(folder.resolve("metrics"));
    String sink = "spark.metrics.conf.*.sink.csv.";
    try (Submission job =
        train(
            plan("stages = [{ epochs = 2 }]"),
            "run",
            "local-cluster[2,1,1024]",
            List.of(),
            List.of(
                sink + "class=org.apache.spark.metrics.sink.CsvSink",
                sink + "period=1",
                sink + "directory=" + metrics))) {
      job.awaitLog("train epoch 1, steps");
      assertThat(job.executors()).hasSize(2);
      for (ProcessHandle executor : job.executors()) {
        assertThat(executor.info().arguments().orElseThrow())
            .contains("-Dorg.bytedeco.javacpp.maxphysicalbytes=0")
            .anyMatch(word -> word.startsWith("-Djdk.serialFilter=!"));
        // a container has 64 MB there, which Aeron's buffers would not fit into
        Path maps = Path.of("/proc", Long.toString(executor.pid()), "maps");
        assertThat(Files.exists(maps) ? Files.readString(maps) : "").doesNotContain("/dev/shm");
      }
      assertWhole(ended(job), "run", 2);
      // half of each step's images is trained by each
      assertThat(last(metrics, ".0.", "images.trained")).startsWith(IMAGES + ",");
      assertThat(last(metrics, ".1.", "images.trained")).startsWith(IMAGES + ",");
      assertThat(Double.parseDouble(last(metrics, ".0.", "loss"))).isPositive();
      assertThat(job.err())
          .contains("worker 0: executor ", "worker 1: executor ", "listens on", "CpuBackend")
          .contains("2 workers train epoch 0, steps 0 to 8");
      assertThat(job.err().lines().filter(line -> line.contains(": executor 0 on "))).hasSize(2);
      assertThat(job.err().lines().filter(line -> line.contains(": executor 1 on "))).hasSize(2);
    }
  }

  /** The last value that an executor gave Spark of a metric. */
  private static String last(Path metrics, String process, String name) throws IOException {
    try (Stream<Path> files = Files.list(metrics)) {
      Path file =
          files
              .filter(path -> path.toString().contains(process))
              .filter(path -> path.toString().endsWith("MetricsPlugin." + name + ".csv"))
              .findFirst()
              .orElseThrow();
      List<String> lines = Files.readAllLines(file);
      return lines.get(lines.size() - 1).split(",", 2)[1];
    }
  }

  @Test
  @Tag("slow")
  void changesOfStagesReachAWorker() throws IOException, InterruptedException {
    Path plan =
        plan(
            """
schedule { steps = [1, 2, 3], decay = 0.5 }
stages = [{}, { scale = 16 }, { loss = { name = ArcfaceLoss, margin2 = 0.2 }, sub-centres = 2 }, { scale = 4 }]
""");
    try (Submission here = train(plan, "here", "local[1]");
        Submission there = train(plan, "there", "local-cluster[1,1,1024]")) {
      JsonNode local = ended(here);
      JsonNode worker = ended(there);
      assertWhole(worker, "there", 4);
      assertThat(worker.get("history").get("lr")).isEqualTo(local.get("history").get("lr"));
      Map<String, INDArray> expected = weights("here");
      assertThat(weights("there"))
          .allSatisfy(
              (name, value) ->
                  assertThat(value.equalsWithEps(expected.get(name), 1e-4)).as(name).isTrue());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"all-reduce", "averaging", "gradient-sharing"})
  @Tag("slow")
  void rateAndLossOfFourStagesReachAllWorkers(String mode)
      throws IOException, InterruptedException {
    Path plan =
        plan(
            """
            schedule { steps = [1, 2, 3], decay = 0.5 }
            stage-defaults.loss = CurricularFaceLoss
            stages = [{}, { scale = 16 }, { sub-centres = 2 }, { loss = ArcfaceLoss, scale = 4 }]
            distribute { mode = %s, sharing.density = 0.1, frequency = 3 }
            """
                .formatted(mode));
    List<String> heads =
        List.of("scale=8.0", "scale=16.0", "6 x 2", "ArcFace\\[.*scale=4.0\\], 6 x 1");
    try (Submission job = train(plan, "run", "local-cluster[2,1,1024]")) {
      JsonNode result = ended(job);
      assertWhole(result, "run", 4);
      for (int worker = 0; worker < 2; worker++) {
        String done = "worker " + worker + " is done: ";
        List<String> told = job.err().lines().filter(line -> line.contains(done)).toList();
        assertThat(told).hasSize(4);
        for (int stage = 0; stage < 4; stage++) {
          assertThat(told.get(stage))
              .contains(" at rate " + 0.05 / (1 << stage) + "; ")
              .containsPattern(heads.get(stage));
        }
      }
      assertThat(job.err()).contains("MB sent to its neighbour", "embedded by 2 executors");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"all-reduce", "averaging", "gradient-sharing"})
  @Tag("slow")
  void anExecutorThatIsKilledIsReplaced(String mode) throws IOException, InterruptedException {
    Path plan = plan("stages = [{ epochs = 12 }]\ndistribute.mode = " + mode);
    try (Submission job = train(plan, "run", "local-cluster[2,1,1024]")) {
      job.awaitLog("train epoch 2, steps");
      job.executors().get(0).destroyForcibly();
      assertWhole(ended(job), "run", 12);
      assertThat(job.err()).contains("beginning again at step");
    }
  }

  /**
   * As where a machine has no time for them: connections stay, but Spark hears nothing and takes
   * the executors for lost.
   */
  @ParameterizedTest(name = "{0} of 2")
  @ValueSource(ints = {1, 2})
  @Tag("slow")
  void executorsThatAreHaltedAreReplaced(int halted) throws IOException, InterruptedException {
    Path plan = plan("stages = [{ epochs = 12 }]");
    List<String> impatient =
        List.of(
            "spark.executor.heartbeatInterval=2s",
            "spark.network.timeout=15s",
            "spark.network.timeoutInterval=5s");
    try (Submission job = train(plan, "run", "local-cluster[2,1,1024]", List.of(), impatient)) {
      for (int worker = 0; worker < 2; worker++) {
        job.awaitLog("worker " + worker + ": executor ");
      }
      for (ProcessHandle executor : job.executors().subList(0, halted)) {
        new ProcessBuilder("kill", "-STOP", Long.toString(executor.pid())).start().waitFor();
      }
      assertWhole(ended(job), "run", 12);
      // the reason given is that of whoever reports first: Spark, or a worker whose peer is gone
      assertThat(job.err()).contains("Executor heartbeat timed out", "beginning again at step");
    }
  }

  @Test
  @Tag("slow")
  void twoExecutorsEvaluateAsOneJvmDoes() throws IOException, InterruptedException {
    String pairs = shared.resolve("rec/heldout.bin").toString();
    Path plan = plan("stages = [{ epochs = 2 }]\nevaluate = [\"" + pairs + "\"]");
    JsonNode during;
    try (Submission job = train(plan, "run", "local-cluster[2,1,1024]")) {
      during = ended(job).get("history").get("heldout").get(1);
      assertThat(job.err()).contains("heldout embedded by 2 executors");
    }
    try (Submission job =
        Submission.start(
            folder, Map.of(), "evaluate", "--model", "run/model", "--pairs", pairs, "--json")) {
      assertThat(ended(job).get("heldout").get("accuracy")).isEqualTo(during);
    }
  }

  @Test
  @Tag("slow")
  void aRunGoesOnAfterItsDriverWasKilledOnAnotherNumberOfExecutors()
      throws IOException, InterruptedException {
    Path plan = plan("stages = [{ epochs = 12 }]\ncheckpoint.every-steps = 3");
    try (Submission first = train(plan, "run", "local-cluster[2,1,1024]")) {
      first.awaitLog("train epoch 2, steps");
      first.kill();
    }
    try (Submission second = train(plan, "run", "local-cluster[3,1,1024]")) {
      second.awaitLog("going on after step");
      second.awaitLog("3 workers train epoch 5, steps");
      second.kill();
    }
    try (Submission third = train(plan, "run", "local-cluster[1,1,1024]")) {
      assertWhole(ended(third), "run", 12);
      assertThat(third.err()).contains("going on after step", "1 workers train");
    }
  }

  @Test
  @Tag("slow")
  void whatWouldTakeAWorkerAwayIsRefused() throws IOException, InterruptedException {
    for (String setting : List.of("spark.speculation", "spark.dynamicAllocation.enabled")) {
      try (Submission job =
          Submission.start(
              folder,
              Map.of(),
              "train",
              "--conf",
              plan("").toString(),
              "--output",
              "refused",
              "--",
              "--master",
              "local-cluster[1,1,1024]",
              "--conf",
              setting + "=true",
              "--conf",
              "spark.shuffle.service.enabled=true",
              "--conf",
              "spark.executor.memory=768m")) {
        assertThat(job.await()).as(job.err()).isEqualTo(2);
        assertThat(job.err()).contains("error: training cannot run with " + setting);
      }
    }
  }
}
