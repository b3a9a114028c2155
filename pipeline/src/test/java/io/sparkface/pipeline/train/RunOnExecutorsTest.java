package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.distribute.AllReduceTrainer;
import io.sparkface.pipeline.plan.Distribution;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Training by workers in a barrier stage, here as threads of one JVM. */
class RunOnExecutorsTest {
  private static final String STAGES =
      """

      network.dropout = 0
      stages = [{ epochs = 2, sub-centres = 2 }, { epochs = 1, scale = 16 }]
      checkpoint.every-steps = 3
      """;

  @TempDir static Path shared;
  private static SmallFaces faces;

  @TempDir Path folder;

  @BeforeAll
  static void drawFaces() throws IOException {
    faces = SmallFaces.drawnIn(shared);
  }

  private static Distribution distribution(Distribution.Mode mode, int workers, int frequency) {
    // one worker has as many as training in this JVM, so that sums are added in the same order
    int threads = workers == 1 ? Runtime.getRuntime().availableProcessors() : 1;
    return new Distribution(
        mode,
        workers,
        threads,
        frequency,
        "",
        0,
        Duration.ofSeconds(120),
        0,
        new Distribution.Sharing(0.3, Distribution.Threshold.ARRAY, Distribution.Code.VALUES));
  }

  private TrainingRun run(TrainPlan plan, String output, Distribution.Mode mode, int workers) {
    return run(plan, output, distribution(mode, workers, 2));
  }

  private TrainingRun run(TrainPlan plan, String output, Distribution distribution) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
    return new TrainingRun(
        plan,
        folder.resolve(output).toString(),
        SmallFaces.HADOOP,
        set -> new AllReduceTrainer(spark, distribution, set));
  }

  private static void assertSameWeights(TrainingRun.Result a, TrainingRun.Result b) {
    assertThat(distance(a, b)).isLessThan(1e-6);
  }

  @Test
  void oneWorkerDoesWhatThisJvmWouldOverStagesAndCheckpoints() throws IOException {
    TrainPlan plan = faces.plan(STAGES);
    TrainingRun.Result here = faces.run(plan, folder.resolve("here")).run();
    TrainingRun.Result there = run(plan, "there", Distribution.Mode.ALL_REDUCE, 1).run();
    assertThat(there.steps()).isEqualTo(here.steps());
    assertSameWeights(here, there);
    // evaluated by tasks of Spark's
    assertThat(there.history().keySet()).isEqualTo(here.history().keySet()).contains("heldout");
    for (String name : List.of("accuracy", "heldout", "heldout_thresh", "lr")) {
      for (int epoch = 0; epoch < 3; epoch++) {
        assertThat(there.history().get(name).get(epoch))
            .as(name)
            .isCloseTo(here.history().get(name).get(epoch), within());
      }
    }
    assertThat(there.history().get("loss").get(2))
        .isCloseTo(here.history().get("loss").get(2), within());
  }

  private static org.assertj.core.data.Percentage within() {
    return org.assertj.core.data.Percentage.withPercentage(0.01);
  }

  @Test
  void aRunBegunByTwoWorkersIsEndedByOne() throws IOException {
    TrainPlan plan = faces.plan(STAGES);
    TrainPlan half = faces.plan(STAGES.replace("{ epochs = 1, scale = 16 }", ""));
    // the same plan but for its second stage; its checkpoint is taken over
    TrainingRun.Result begun = run(half, "begun", Distribution.Mode.ALL_REDUCE, 2).run();
    assertThat(begun.history().get("loss")).hasSize(2).allMatch(Double::isFinite);
    TrainingRun.Result ended =
        run(plan, "ended", Distribution.Mode.ALL_REDUCE, 1)
            .run(
                java.util.Optional.of(
                    folder.resolve("begun/checkpoints/step-0000000008").toString()));
    assertThat(ended.steps()).isEqualTo(12);
    assertThat(ended.history().get("loss")).hasSize(3).allMatch(Double::isFinite);
  }

  /** Each part ends with a check that both workers hold the same bits. */
  @Test
  void workersAgreeOnWhatLossesRemember() throws IOException {
    TrainPlan plan =
        faces.plan(
            """
network.dropout = 0
stages = [
  { loss = AdaFaceLoss, centre = 0.1, triplet = 1, optimiser.sharpness-radius = 0.05 }
  { loss = CurricularFaceLoss, vpl-start = 1, optimiser { clip = 1.0, clip-by = global-norm } }
]
""");
    TrainingRun.Result two = run(plan, "two", Distribution.Mode.ALL_REDUCE, 2).run();
    assertThat(two.history().get("loss")).hasSize(2).allMatch(Double::isFinite);
    // the losses of the first stage, as in one JVM
    TrainingRun.Result here = faces.run(plan, folder.resolve("here")).run();
    for (String head : List.of("arcface_loss", "center_embedding_loss", "triplet_embedding_loss")) {
      assertThat(two.history().get(head)).as(head).hasSize(2);
      assertThat(two.history().get(head).get(0)).as(head).isPositive();
      assertThat(here.history().get(head).get(0)).as(head).isPositive();
    }
    TrainPlan uneven = faces.plan("stage-defaults.triplet = 1", "data.batch-size=10");
    assertThatThrownBy(() -> run(uneven, "uneven", Distribution.Mode.ALL_REDUCE, 2))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("whole groups of 4");
  }

  @Test
  void gradientSharingTrainsNearlyAsAllReduceDoes() throws IOException {
    TrainPlan plan = faces.plan(STAGES);
    TrainingRun.Result all = run(plan, "all", Distribution.Mode.ALL_REDUCE, 2).run();
    TrainingRun.Result few = run(plan, "few", Distribution.Mode.GRADIENT_SHARING, 2).run();
    assertThat(few.steps()).isEqualTo(all.steps());
    assertThat(few.history().get("loss").get(2))
        .isNotEqualTo(all.history().get("loss").get(2))
        .isCloseTo(
            all.history().get("loss").get(2), org.assertj.core.data.Percentage.withPercentage(30));
  }

  @Test
  void workersAgreeOnWhatAMarginRemembers() throws IOException {
    TrainPlan plan = faces.plan(STAGES, "stage-defaults.loss=CurricularFaceLoss");
    for (Distribution.Mode mode :
        List.of(Distribution.Mode.ALL_REDUCE, Distribution.Mode.AVERAGING)) {
      TrainingRun.Result result = run(plan, mode.name(), mode, 2).run();
      assertThat(SmallFaces.weights(result).get("margin_S").getFloat(0)).isNotZero();
    }
  }

  /**
   * By each state's own rule, also where weights are averaged: half of a centre's change is wrong.
   * Batches are not grouped: normalised embeddings of one identity alone on a worker sum up to 0.
   */
  @Test
  void averagingMergesWhatLossesRememberAsAllReduceDoes() throws IOException {
    TrainPlan plan =
        faces.plan(
            """
            network.dropout = 0
            stages = [{ steps = 1, loss = AdaFaceLoss, centre = 0.1, vpl-start = 1 }]
            """);
    TrainingRun.Result all = run(plan, "all", Distribution.Mode.ALL_REDUCE, 2).run();
    TrainingRun.Result mean = run(plan, "mean", Distribution.Mode.AVERAGING, 2).run();
    Map<String, INDArray> left = SmallFaces.weights(all);
    Map<String, INDArray> right = SmallFaces.weights(mean);
    List<String> state =
        left.keySet().stream()
            .filter(name -> name.startsWith("centre_") || name.matches("margin_[^W].*"))
            .toList();
    assertThat(state).hasSizeGreaterThan(3);
    assertThat(left.get("centre_C").amaxNumber().doubleValue()).isGreaterThan(0.01);
    for (String name : state) {
      assertThat(right.get(name).sub(left.get(name)).amaxNumber().doubleValue())
          .as(name)
          .isLessThan(1e-5);
    }
  }

  /** Each worker asks a teacher of its own about its own images; triplets are mined before. */
  @Test
  void aTeacherIsAskedAndTripletsAreMinedOnWorkers() throws IOException {
    TrainingRun.Result teacher = faces.run(faces.plan(""), folder.resolve("teacher")).run();
    Path onnx = folder.resolve("teacher.onnx");
    OnlineTeacherTest.export(teacher.model(), onnx);
    for (String model : List.of(teacher.model(), onnx.toString())) {
      TrainPlan plan =
          faces.plan(
              "\nnetwork.dropout = 0\nstages = [{ distill = 7 }]",
              "data.teacher=\"" + model + "\"");
      TrainingRun.Result here = faces.run(plan, folder.resolve("here" + model.length())).run();
      TrainingRun.Result there =
          run(plan, "there" + model.length(), Distribution.Mode.ALL_REDUCE, 2).run();
      // normalisation sees other images on two workers, the teacher does not
      assertThat(there.history().get("distill_embedding_loss").get(0))
          .isCloseTo(
              here.history().get("distill_embedding_loss").get(0),
              org.assertj.core.data.Percentage.withPercentage(10));
    }
    TrainPlan mined =
        faces.plan(
            "stages = [{ loss = OfflineTripletLoss, scale = 0, mine = 0.5 }]",
            "data.batch-size=12");
    TrainingRun.Result result = run(mined, "mined", Distribution.Mode.ALL_REDUCE, 2).run();
    assertThat(result.history().get("loss")).hasSize(1).allMatch(Double::isFinite);
  }

  @Test
  void averagingTrainsToo() throws IOException {
    TrainingRun.Result result =
        run(faces.plan(STAGES), "averaged", Distribution.Mode.AVERAGING, 2).run();
    assertThat(result.history().get("loss")).hasSize(3).allMatch(Double::isFinite);
  }

  /** A mean of weights and momentum is that of the gradients, as SGD is linear in both. */
  @Test
  void averagingAtEveryStepDoesWhatAllReduceDoes() throws IOException {
    // two small steps on shares of eight: what rounding begins grows a hundredfold with larger ones
    TrainPlan plan =
        faces.plan("network.dropout = 0", "data.batch-size=16", "optimiser.learning-rate=0.001");
    TrainingRun.Result gradients = run(plan, "gradients", Distribution.Mode.ALL_REDUCE, 2).run();
    TrainingRun.Result means =
        run(plan, "means", distribution(Distribution.Mode.AVERAGING, 2, 1)).run();
    TrainingRun.Result seldom =
        run(plan, "seldom", distribution(Distribution.Mode.AVERAGING, 2, 2)).run();
    assertThat(distance(gradients, means)).isLessThan(distance(gradients, seldom) / 100);
  }

  /** Largest difference of two weights. */
  private static double distance(TrainingRun.Result a, TrainingRun.Result b) {
    Map<String, INDArray> right = SmallFaces.weights(b);
    return SmallFaces.weights(a).entrySet().stream()
        .mapToDouble(
            weight -> right.get(weight.getKey()).sub(weight.getValue()).amaxNumber().doubleValue())
        .max()
        .orElseThrow();
  }

  /** Neither parameters nor images are results, blocks, shuffles or files of Spark's. */
  @Test
  void sparkOnlyStartsTheWorkers() throws IOException, TimeoutException {
    SparkContext spark = LocalSpark.session().sparkContext();
    Path exported = Path.of(spark.hadoopConfiguration().get("hadoop.tmp.dir"), "dl4j");
    boolean before = Files.exists(exported);
    Queue<TaskMetrics> tasks = new ConcurrentLinkedQueue<>();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            tasks.add(end.taskMetrics());
          }
        };
    spark.addSparkListener(listener);
    try {
      TrainPlan plan = faces.plan(STAGES, "evaluate=[]");
      TrainingRun.Result result = run(plan, "run", Distribution.Mode.AVERAGING, 2).run();
      long parameters =
          SmallFaces.weights(result).values().stream().mapToLong(INDArray::length).sum();
      spark.listenerBus().waitUntilEmpty();
      assertThat(tasks)
          .hasSizeGreaterThanOrEqualTo(2 * 4)
          .allSatisfy(
              task -> {
                assertThat(task.shuffleWriteMetrics().bytesWritten()).isZero();
                assertThat(task.shuffleReadMetrics().totalBytesRead()).isZero();
              });
      // each part of an epoch is one task a worker; the others embed
      assertThat(tasks.stream().filter(task -> task.resultSize() < parameters))
          .hasSizeGreaterThanOrEqualTo(2 * 4);
    } finally {
      spark.removeSparkListener(listener);
    }
    assertThat(spark.getPersistentRDDs().isEmpty()).isTrue();
    assertThat(spark.getRDDStorageInfo()).isEmpty();
    assertThat(Files.exists(exported)).isEqualTo(before);
  }

  @Test
  void aBatchThatIsTooSmallToShareIsRefused() {
    assertThatThrownBy(
            () -> run(faces.plan(STAGES), "small", Distribution.Mode.ALL_REDUCE, 5).run())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("5 workers cannot share a batch of 8");
  }

  @Test
  void aLossThatIsNotFiniteComesFromTheWorkerWithItsStep() {
    TrainPlan plan = faces.plan(STAGES, "optimiser.learning-rate=900", "stage-defaults.scale=999");
    assertThatThrownBy(() -> run(plan, "diverged", Distribution.Mode.ALL_REDUCE, 2).run())
        .isInstanceOf(UserError.class)
        .hasMessageMatching("(?s).*(the loss is|parameters are not finite).*");
  }
}
