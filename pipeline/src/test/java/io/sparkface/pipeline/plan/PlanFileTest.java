package io.sparkface.pipeline.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.ClassSampling;
import io.sparkface.models.optim.Optimiser;
import io.sparkface.models.schedule.Schedule;
import java.util.List;
import java.util.Optional;
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
    assertThat(plan.stages())
        .extracting(stage -> ((StageLoss.OnCosines) stage.loss()).margin().scale())
        .containsExactly(16.0, 32.0);
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
    assertThatThrownBy(() -> parse("data.mask-probability = 1.5").plan())
        .hasMessageContaining("between");
    assertThatThrownBy(() -> parse("stage-defaults.loss = ArcFaceLos").plan())
        .hasMessageContaining("'ArcfaceLoss'");
    assertThatThrownBy(
            () -> parse("stages = [{ loss = { name = CosFaceLoss, margn = 1 } }]").plan())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'margin'");
    assertThatThrownBy(() -> parse("stages = [{ optimiser.learning-rat = 1 }]").plan())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'learning-rate'");
    assertThatThrownBy(
            () ->
                parse("stages = [{ loss = MarginSoftmax }, { loss = AdaCosLoss, scale = 2 }]")
                    .plan())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("AdaCosLoss");
    for (String loss : List.of("CategoricalCrossentropy", "BatchHardTripletLoss")) {
      assertThatThrownBy(() -> parse("stages = [{ loss = " + loss + ", sub-centres = 3 }]").plan())
          .isInstanceOf(UserError.class)
          .hasMessageContaining("'sub-centres' are not for loss " + loss);
    }
  }

  @Test
  void aPlanReadsNoOtherFile() {
    assertThatThrownBy(() -> parse("include \"/etc/hostname\"")).isInstanceOf(UserError.class);
  }

  @Test
  void saysWhereEachValueCameFrom() {
    assertThat(
            parse("schedule.steps = [20, 30]\nstages = [{}, { loss = { name = CosFaceLoss } }]")
                .explain())
        .contains("schedule.steps = [20,30]   # plan.conf: 1")
        .contains("stages[2].loss.name = \"CosFaceLoss\"   # plan.conf: 2")
        .contains("losses.CosFaceLoss.margin = 0.35   # reference.conf");
    assertThat(parse("seed = 3", "data.random-status=3").explain())
        .contains("seed = 3   # plan.conf: 1")
        .contains("data.random-status = 3   # --set data.random-status=3")
        .contains("reference.conf");
  }

  private static final StageLoss.Shape SHAPE =
      new StageLoss.Shape(8, 5, 1, new ClassSampling.All(), Optional.empty(), 3);

  @Test
  void everyLossOfTheReferenceIsRead() {
    for (String name :
        com.typesafe.config.ConfigFactory.parseResources("reference.conf")
            .getObject("sparkface.losses")
            .keySet()) {
      // those that are mined need to be told from how many images
      String mined = name.startsWith("Offline") ? ", stage-defaults.mine = 1" : "";
      StageLoss loss = parse("stage-defaults.loss = " + name + mined).plan().stages().get(0).loss();
      assertThat(loss.name()).isEqualTo(name);
      assertThat(loss.head(SHAPE).parameters()).doesNotContainNull();
    }
    StageLoss.OnCosines arcface =
        (StageLoss.OnCosines)
            parse(
                    "losses.ArcfaceLoss.margin3 = 0.1, stages = [{ loss = { name = ArcfaceLoss,"
                        + " margin2 = 0.3 }, scale = 32 }]")
                .plan()
                .stages()
                .get(0)
                .loss();
    assertThat(arcface.margin()).isEqualTo(new ArcFace(1, 0.3, 0.1, 32));
  }

  @Test
  void optimisersAndSchedulesAreThoseNamed() {
    TrainPlan plan =
        parse(
                """
                optimiser { name = sgdw, learning-rate = 0.1, weight-decay = 5e-5 }
                schedule { kind = cosine, least-rate = 1e-5 }
                stages = [{}, { optimiser { name = adamw, learning-rate = 1e-3 } }]
                """)
            .plan();
    OptimiserPlan first = plan.stages().get(0).optimiser();
    assertThat(first.optimiser()).isEqualTo(Optimiser.sgdw(0.9, 5e-5, 0.1));
    assertThat(first.l2()).isZero();
    assertThat(plan.stages().get(1).optimiser().optimiser()).isEqualTo(Optimiser.adamW(5e-5, 1e-3));
    // golden values of the original's schedule, 100 steps an epoch
    Schedule cosine = plan.schedule().of(first.learningRate(), 100, 50);
    assertThat(cosine.valueAt(50, 0)).isCloseTo(0.09975926, within(1e-8));
    assertThat(cosine.valueAt(1600, 16)).isCloseTo(1e-5, within(1e-12));
    assertThat(cosine.valueAt(1700, 17)).isCloseTo(0.050005, within(1e-9));
    assertThat(parse("").plan().stages().get(0).optimiser().headL2()).isEqualTo(5e-4);
  }
}
