package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.distill.Distillation;
import io.sparkface.pipeline.plan.PlanFile;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every plan in {@code conf/}, a step of each stage, on small pictures of real faces. */
class RecipesTest {
  private static final Path CONF = Path.of(System.getProperty("sparkface.root"), "conf");

  @TempDir static Path folder;
  private static SmallFaces faces;
  private static String start;

  private static void prepare() throws IOException {
    if (start == null) {
      faces = SmallFaces.photographedIn(folder);
      start = run("basic-mobilenet", folder.resolve("start"), "network.head=E").model();
    }
  }

  static Stream<String> recipes() throws IOException {
    try (Stream<Path> files = Files.list(CONF)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".conf"))
          .map(name -> name.substring(0, name.length() - 5))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static TrainPlan plan(String recipe, String data, String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "data.faces=\"" + data + "\"",
                "data.batch-size=8",
                "network.image-size=32",
                "initial.epoch=0"));
    all.addAll(List.of(settings));
    TrainPlan plan =
        PlanFile.load(CONF.resolve(recipe + ".conf").toString(), all, SmallFaces.HADOOP).plan();
    return new TrainPlan(
        plan.seed(),
        plan.precision(),
        plan.data(),
        plan.initial(),
        plan.evaluation(),
        plan.network(),
        plan.schedule(),
        plan.stages().stream().map(RecipesTest::oneStep).toList(),
        plan.checkpoint());
  }

  private static TrainPlan.Stage oneStep(TrainPlan.Stage stage) {
    return new TrainPlan.Stage(
        1,
        1,
        stage.bottleneckOnly(),
        stage.grouped(),
        stage.mining(),
        stage.losses(),
        stage.subCentres(),
        stage.sampling(),
        stage.prototypes(),
        stage.optimiser());
  }

  private static TrainingRun.Result run(String recipe, Path output, String... settings)
      throws IOException {
    return faces.run(plan(recipe, folder.resolve("faces").toString(), settings), output).run();
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void isRead(String recipe) {
    TrainPlan plan =
        PlanFile.load(CONF.resolve(recipe + ".conf").toString(), List.of(), SmallFaces.HADOOP)
            .plan();
    assertThat(plan.stages()).isNotEmpty();
    assertThat(plan.fingerprint()).hasSize(64);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "combined-arcface-triplet-centre",
        "offline-triplet",
        "subcentre-casia-bottleneck"
      })
  void trains(String recipe, @TempDir Path output) throws IOException {
    runs(recipe, output);
  }

  @ParameterizedTest
  @MethodSource("recipes")
  @Tag("slow")
  void allTrain(String recipe, @TempDir Path output) throws IOException {
    runs(recipe, output);
  }

  private static void runs(String recipe, Path output) throws IOException {
    prepare();
    List<String> settings = new ArrayList<>();
    if (recipe.startsWith("subcentre-casia-")) {
      settings.add("initial.weights=\"" + start + "\"");
    }
    if (recipe.equals("restore")) {
      settings.add("initial.weights=\"" + checkpoint(output) + "\"");
    }
    if (recipe.equals("distillation") || recipe.equals("quickstart-student")) {
      settings.add("data.embeddings=\"" + embeddings() + "\"");
    }
    if (recipe.equals("online-teacher") || recipe.equals("class-teacher")) {
      settings.add("data.teacher=\"" + start + "\"");
    }
    TrainingRun.Result result = run(recipe, output.resolve("run"), settings.toArray(String[]::new));
    assertThat(result.end()).isEqualTo(TrainingRun.End.FINISHED);
    assertThat(result.history().get("loss")).allMatch(Double::isFinite);
  }

  private static String checkpoint(Path output) throws IOException {
    if (!Files.exists(output.resolve("before"))) {
      run("basic-mobilenet", output.resolve("before"));
    }
    return output.resolve("before/checkpoints/step-0000000003").toString();
  }

  private static String embeddings() throws IOException {
    Path target = folder.resolve("embeddings");
    if (!Files.exists(target)) {
      new Distillation(
              JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()),
              new Distillation.Options(
                  List.of(start),
                  Normalisation.FACE,
                  EmbeddingFile.Precision.FLOAT32,
                  folder.resolve("faces").toString(),
                  target.toString()))
          .run();
    }
    return target.toString();
  }
}
