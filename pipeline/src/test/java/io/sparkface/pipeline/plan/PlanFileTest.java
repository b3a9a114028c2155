package io.sparkface.pipeline.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanFileTest {
  private static PlanFile parse(String text, String... settings) {
    return PlanFile.parse(text, "plan.conf", List.of(settings));
  }

  @Test
  void settingsStandAboveThePlanAndThatAboveTheReference() {
    TrainPlan plan =
        parse("data.batch-size = 64\nnetwork.head = E", "data.batch-size=32", "seed=7").plan();
    assertThat(plan.data().batchSize()).isEqualTo(32);
    assertThat(plan.network().head()).isEqualTo("E");
    assertThat(plan.network().embeddingSize()).isEqualTo(256);
    assertThat(plan.seed()).isEqualTo(7);
    assertThat(plan.stages()).hasSize(1);
  }

  @Test
  void stagesTakeWhatTheyLeaveOutFromTheDefaults() {
    TrainPlan plan =
        parse("stage-defaults.scale = 16\nstages = [{epochs = 2}, {scale = 32, sub-centres = 3}]")
            .plan();
    assertThat(plan.stages()).extracting(TrainPlan.Stage::epochs).containsExactly(2, 1);
    assertThat(plan.stages().get(0).scale()).isEqualTo(16);
    assertThat(plan.stages().get(1).subCentres()).isEqualTo(3);
  }

  @Test
  void unknownKeysAreRefusedWithLineAndNearestKey() {
    assertThatThrownBy(() -> parse("seed = 1\ndata.bach-size = 3"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("data.bach-size")
        .hasMessageContaining("plan.conf: 2")
        .hasMessageContaining("batch-size");
    assertThatThrownBy(() -> parse("stages = [{epoch = 3}]"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'epochs'");
  }

  @Test
  void wrongTypesAndRangesAreRefused() {
    assertThatThrownBy(() -> parse("data.batch-size = many").plan())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("must be a whole number");
    assertThatThrownBy(() -> parse("data.flip = 1.5").plan()).hasMessageContaining("between");
    assertThatThrownBy(() -> parse("stage-defaults.margin = arcfase").plan())
        .hasMessageContaining("'arcface'");
  }

  @Test
  void aPlanReadsNoOtherFile() {
    assertThatThrownBy(() -> parse("include \"/etc/hostname\"")).isInstanceOf(UserError.class);
  }

  @Test
  void saysWhereEachValueCameFrom() {
    assertThat(parse("seed = 3", "data.flip=0").explain())
        .contains("seed = 3   # plan.conf: 1")
        .contains("data.flip = 0   # --set data.flip=0")
        .contains("reference.conf");
  }
}
