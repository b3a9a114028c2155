package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationsTest {
  @TempDir static Path shared;
  private static SmallFaces faces;

  @BeforeAll
  static void drawFaces() throws IOException {
    faces = SmallFaces.drawnIn(shared);
    Files.copy(shared.resolve("rec/heldout.bin"), shared.resolve("other.bin"));
  }

  private static TrainPlan plan(String chooser) {
    return faces.plan(
        "",
        "evaluate=[\"%s\", \"%s\"]"
            .formatted(shared.resolve("rec/heldout.bin"), shared.resolve("other.bin")),
        "best-by=\"" + chooser + "\"");
  }

  private static double chosen(String chooser) {
    boolean[] same = {true, false};
    PairSet set = null;
    return Evaluations.open(plan(chooser), null, SmallFaces.HADOOP)
        .chosen(
            Map.of(
                "heldout",
                new Evaluations.Scored(
                    set, new double[] {1, 0}, Verification.of(new double[] {1, 0}, same)),
                "other",
                new Evaluations.Scored(
                    set, new double[] {0, 1}, Verification.of(new double[] {0, 1}, same))));
  }

  @Test
  void theNamedSetChoosesAndWithoutANameTheLast() {
    assertThat(chosen("heldout")).isEqualTo(1);
    assertThat(chosen("other")).isEqualTo(0.5);
    assertThat(chosen("")).isEqualTo(0.5);
    assertThatThrownBy(() -> chosen("lfw"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("best-by")
        .hasMessageContaining("heldout");
  }

  @Test
  void twoSetsOfOneNameAreRefused() throws IOException {
    Path again = Files.createDirectories(shared.resolve("again")).resolve("heldout.bin");
    Files.copy(shared.resolve("other.bin"), again);
    TrainPlan plan =
        faces.plan(
            "", "evaluate=[\"%s\", \"%s\"]".formatted(shared.resolve("rec/heldout.bin"), again));
    assertThatThrownBy(() -> Evaluations.open(plan, null, SmallFaces.HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("heldout");
  }

  @Test
  void aRunKeepsTheResultsOfTheLastAndTheBestEvaluation() throws IOException {
    Path run = shared.resolve("run");
    TrainingRun.Result result = faces.run(plan("heldout"), run).run();
    for (String kind : new String[] {"last", "best"}) {
      EvaluationResult kept =
          EvaluationResult.read(
              new org.apache.hadoop.fs.Path(
                  run.resolve("evaluations/" + kind + "/heldout.json").toString()),
              SmallFaces.HADOOP);
      assertThat(kept.model()).endsWith("step 4");
      assertThat(kept.figures()).containsEntry("accuracy", result.history().get("heldout").get(0));
    }
    assertThat(run.resolve("report.html")).content().contains("Accuracy on heldout");
    assertThat(run.resolve("logs/events-0000000000.jsonl"))
        .content()
        .contains("\"stage\":0.0")
        .contains("\"images_per_second\":");
  }
}
