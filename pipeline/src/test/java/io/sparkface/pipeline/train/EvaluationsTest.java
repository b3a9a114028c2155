package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  /** Four steps an epoch, evaluated after every other; of equal ones the later is the best. */
  @Test
  void evaluationsWithinAnEpochMayChooseTheBestModel() throws IOException {
    TrainPlan plan =
        faces.plan(
            "stages = [{ epochs = 3 }], evaluate-every-steps = 2",
            "evaluate=[\"%s\"]".formatted(shared.resolve("rec/heldout.bin")));
    Path run = shared.resolve("every");
    faces.run(plan, run).run();
    List<Integer> steps = new ArrayList<>();
    int best = 0;
    double highest = -1;
    List<String> lines = new ArrayList<>();
    // a file of its own after each checkpoint
    for (int from = 0; from < 12; from += 4) {
      lines.addAll(Files.readAllLines(run.resolve("logs/events-%010d.jsonl".formatted(from))));
    }
    for (String line : lines) {
      JsonNode event = new ObjectMapper().readTree(line);
      if (event.get("event").asText().equals("evaluation")) {
        steps.add(event.get("step").asInt());
        if (event.get("heldout").asDouble() >= highest) {
          highest = event.get("heldout").asDouble();
          best = event.get("step").asInt();
        }
      }
    }
    assertThat(steps).containsExactly(2, 4, 6, 8, 10, 12);
    EvaluationResult kept =
        EvaluationResult.read(
            new org.apache.hadoop.fs.Path(run.resolve("evaluations/best/heldout.json").toString()),
            SmallFaces.HADOOP);
    assertThat(kept.model()).endsWith("step " + best);
    assertThat(kept.figures()).containsEntry("accuracy", highest);
  }
}
