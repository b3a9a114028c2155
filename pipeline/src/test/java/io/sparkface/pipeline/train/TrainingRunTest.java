package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.distribute.LocalTrainer;
import io.sparkface.pipeline.distribute.StepLoss;
import io.sparkface.pipeline.distribute.Trainer;
import io.sparkface.pipeline.input.FaceBatch;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

class TrainingRunTest {
  private static final String STAGES =
      "\nstages = [{ epochs = 2, sub-centres = 2 }, { steps = 3 }]\ncheckpoint.every-steps = 3";

  @TempDir static Path shared;
  private static SmallFaces faces;

  /** Never broken: what the broken ones are compared with. */
  private static TrainingRun.Result whole;

  @TempDir Path folder;

  @BeforeAll
  static void drawFaces() throws IOException {
    faces = SmallFaces.drawnIn(shared);
    whole = faces.run(faces.plan(STAGES), shared.resolve("whole")).run();
  }

  /** Trains as usual and calls {@code before} with the number of each step, from 1. */
  private record Watched(LongConsumer before) implements Trainer {
    @Override
    public EpochResult epoch(
        org.deeplearning4j.nn.graph.ComputationGraph graph,
        Iterator<FaceBatch> batches,
        StepListener listener) {
      return new LocalTrainer()
          .epoch(
              graph,
              new Iterator<>() {
                @Override
                public boolean hasNext() {
                  return batches.hasNext();
                }

                @Override
                public FaceBatch next() {
                  FaceBatch batch = batches.next();
                  before.accept(4L * batch.origin().epoch() + batch.origin().step() + 1);
                  return batch;
                }
              },
              listener);
    }
  }

  private TrainingRun watched(TrainPlan plan, Path output, LongConsumer before) {
    return new TrainingRun(plan, output.toString(), SmallFaces.HADOOP, new Watched(before));
  }

  private static void assertSameWeights(TrainingRun.Result a, TrainingRun.Result b) {
    Map<String, INDArray> left = SmallFaces.weights(a);
    Map<String, INDArray> right = SmallFaces.weights(b);
    assertThat(right.keySet()).isEqualTo(left.keySet());
    left.forEach(
        (name, value) ->
            assertThat(right.get(name).reshape(-1).toFloatVector())
                .as(name)
                .isEqualTo(value.reshape(-1).toFloatVector()));
  }

  @Test
  void endsTheSameHoweverOftenItIsBroken() throws IOException {
    TrainPlan plan = faces.plan(STAGES);
    assertThat(whole.end()).isEqualTo(TrainingRun.End.FINISHED);
    assertThat(whole.steps()).isEqualTo(11);
    assertThat(whole.history().get("loss")).hasSize(3).allMatch(Double::isFinite);
    assertThat(whole.history().get("heldout")).hasSize(3);
    Path broken = folder.resolve("broken");
    // in the first epoch, at the first step of a stage, in a stage's middle after a checkpoint
    for (long last : new long[] {2, 5, 9, 10}) {
      LongConsumer breaking =
          step -> {
            if (step == last) {
              throw new IllegalStateException("broken at step " + step);
            }
          };
      assertThatThrownBy(() -> watched(plan, broken, breaking).run())
          .hasMessage("broken at step " + last);
    }
    TrainingRun.Result resumed = faces.run(plan, broken).run();
    assertThat(resumed.history()).isEqualTo(whole.history());
    assertSameWeights(whole, resumed);
    assertThat(broken.resolve("checkpoints").toFile().list())
        .containsExactlyInAnyOrder("step-0000000009", "step-0000000011");
  }

  /** Losses that remember, steps of two passes, triplets that were mined before the epoch. */
  @Test
  void whatLossesRememberAndWhatWasMinedSurviveToo() throws IOException {
    TrainPlan plan =
        faces.plan(
            """
stages = [
  { loss = CurricularFaceLoss, vpl-start = 2, centre = 0.1, optimiser.sharpness-radius = 0.05 }
  { loss = OfflineTripletLoss, scale = 0, mine = 0.5, optimiser { name = ranger, learning-rate = 1e-3 } }
  { loss = BatchHardTripletLossEuclideanAutoAlpha, scale = 0, centre = 0.01, centre-loss = CenterLossCosine }
]
checkpoint.every-steps = 3
""");
    TrainingRun.Result unbroken = faces.run(plan, folder.resolve("unbroken")).run();
    assertThat(unbroken.steps()).isEqualTo(4 + 8 + 4);
    Map<String, List<Double>> curves = unbroken.history();
    assertThat(curves.values()).allSatisfy(curve -> assertThat(curve).hasSize(3));
    assertThat(curves.get("accuracy").subList(1, 3))
        .as("triplets have no classes")
        .containsOnlyNulls();
    assertThat(curves.get("arcface_loss").get(1)).as("one head alone is the loss").isNull();
    for (int epoch : new int[] {0, 2}) {
      String main = epoch == 0 ? "arcface_loss" : "triplet_embedding_loss";
      double weight = epoch == 0 ? 0.1 : 0.01;
      double sum =
          curves.get(main).get(epoch) + weight * curves.get("center_embedding_loss").get(epoch);
      assertThat(sum).as("epoch " + epoch).isCloseTo(curves.get("loss").get(epoch), within(1e-9));
    }
    Path broken = folder.resolve("broken");
    for (int steps : new int[] {3, 5, 6, 3}) {
      int[] left = {steps};
      LongConsumer breaking =
          step -> {
            if (--left[0] == 0) {
              throw new IllegalStateException("broken");
            }
          };
      assertThatThrownBy(() -> watched(plan, broken, breaking).run()).hasMessage("broken");
    }
    TrainingRun.Result resumed = faces.run(plan, broken).run();
    assertThat(resumed.history()).isEqualTo(unbroken.history());
    assertSameWeights(unbroken, resumed);
  }

  @Test
  void aStopFileEndsItAfterTheStepAndItGoesOnWhenStartedAgain() throws IOException {
    TrainPlan plan = faces.plan(STAGES);
    Path stopped = folder.resolve("stopped");
    TrainingRun.Result first =
        watched(
                plan,
                stopped,
                step -> {
                  if (step == 3) {
                    try {
                      Files.createDirectories(stopped);
                      Files.writeString(stopped.resolve("STOP"), "");
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  }
                })
            .run();
    assertThat(first.end()).isEqualTo(TrainingRun.End.STOPPED);
    assertThat(first.steps()).isEqualTo(3);
    assertThat(stopped.resolve("STOP")).doesNotExist();
    TrainingRun.Result second = faces.run(plan, stopped).run();
    assertThat(second.end()).isEqualTo(TrainingRun.End.FINISHED);
    assertSameWeights(whole, second);
  }

  @Test
  void anotherPlanIsRefusedAndADamagedModelTold() throws IOException {
    Path run = folder.resolve("run");
    TrainingRun.Result result = faces.run(faces.plan(""), run).run();
    assertThatThrownBy(() -> faces.run(faces.plan("", "seed=2"), run).run())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--fresh");
    assertThat(faces.run(faces.plan("", "checkpoint.keep=5"), run).run().steps()).isEqualTo(4);
    Path weights = Path.of(result.model(), "weights.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    Files.deleteIfExists(weights.resolveSibling(".weights.safetensors.crc"));
    assertThatThrownBy(() -> ModelDirectory.open(result.model(), SmallFaces.HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("weights.safetensors");
  }

  @Test
  void theHeadIsBuiltAnewFromThreeSubCentresToOneAndAloneLearnsWhenTheRestIsFrozen()
      throws IOException {
    TrainingRun.Result three =
        faces.run(faces.plan("\nstage-defaults.sub-centres = 3"), folder.resolve("three")).run();
    TrainingRun.Result one =
        faces
            .run(
                faces.plan(
                    """
                    initial { weights = "%s", parts = model }
                    stages = [{ bottleneck-only = true }]
                    """
                        .formatted(three.model())),
                folder.resolve("one"))
            .run();
    Map<String, INDArray> before = SmallFaces.weights(three);
    Map<String, INDArray> after = SmallFaces.weights(one);
    assertThat(before.get(TrainingGraph.CENTRES).columns()).isEqualTo(12);
    assertThat(after.get(TrainingGraph.CENTRES).columns()).isEqualTo(4);
    before.forEach(
        (name, value) -> {
          if (!name.equals(TrainingGraph.CENTRES)) {
            assertThat(after.get(name)).as(name).isEqualTo(value);
          }
        });
    assertThat(one.history()).containsKeys("loss", "accuracy").doesNotContainKey("heldout");
    // the same stage, not frozen, moves the backbone
    TrainingRun.Result free =
        faces
            .run(
                faces.plan("\ninitial.weights = \"%s\"".formatted(three.model())),
                folder.resolve("free"))
            .run();
    assertThat(SmallFaces.weights(free))
        .anySatisfy(
            (name, value) ->
                assertThat(name.startsWith("margin") || value.equals(before.get(name))).isFalse());
    ModelCard card = ModelDirectory.open(one.model(), SmallFaces.HADOOP).card();
    assertThat(card.subCentres()).isOne();
    String set = faces.folder().resolve("faces").toString();
    assertThat(card.trainedOn())
        .containsEntry("rows", "32")
        .containsEntry(
            "fingerprint",
            FaceSet.open(new org.apache.hadoop.fs.Path(set), SmallFaces.HADOOP).fingerprint());
    assertThat(card.plan()).containsKeys("data", "fingerprint");
    assertThat(card.plan().get("stage 1")).contains("bottleneckOnly=true");
    ModelDirectory.open(one.model(), SmallFaces.HADOOP)
        .restore(TrainingGraph.embeddingOnly(faces.plan("").network()));
  }

  @Test
  void aRunGoesOnFromAnothersCheckpointWithTheRestOfItsPlan() throws IOException {
    TrainPlan first = faces.plan(STAGES.replace(", { steps = 3 }", ""));
    faces.run(first, folder.resolve("first")).run();
    String checkpoint = folder.resolve("first/checkpoints/step-0000000008").toString();
    TrainingRun.Result resumed =
        faces.run(faces.plan(STAGES), folder.resolve("resumed")).run(Optional.of(checkpoint));
    assertThat(resumed.history()).isEqualTo(whole.history());
    assertSameWeights(whole, resumed);
  }

  @Test
  @Tag("slow")
  void initialWeightsMayBringTheOptimisersState() throws IOException {
    String stages = "\nstages = [{ epochs = 1 }, { epochs = 1 }]";
    TrainingRun.Result both = faces.run(faces.plan(stages), folder.resolve("both")).run();
    TrainPlan second =
        faces.plan(
            stages
                + "\ninitial { weights = \"%s\", parts = checkpoint, epoch = 1 }"
                    .formatted(folder.resolve("both/checkpoints/step-0000000004")));
    assertSameWeights(both, faces.run(second, folder.resolve("second")).run());
  }

  @Test
  void aLossThatIsNotFiniteEndsItAndNamesTheRowGroups() {
    Trainer failing =
        (graph, batches, listener) -> {
          for (int step = 0; batches.hasNext(); step++) {
            batches.next();
            listener.stepped(8, StepLoss.of(step == 2 ? Double.NaN : 1));
          }
          return new Trainer.EpochResult(4, 32, 1);
        };
    assertThatThrownBy(
            () ->
                new TrainingRun(
                        faces.plan(""),
                        folder.resolve("run").toString(),
                        SmallFaces.HADOOP,
                        failing)
                    .run())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("the loss is NaN")
        .hasMessageContaining("step 3 (epoch 1, step 3 of it)")
        .hasMessageContaining("part-")
        .hasMessageContaining("row groups 0");
    assertThat(folder.resolve("run/checkpoints")).doesNotExist();
  }

  @Test
  void itEndsEarlyWhenTheAccuracyDoesNotRise() throws IOException {
    TrainPlan plan =
        faces.plan(
            """
            stages = [{ epochs = 9 }]
            early-stop { patience = 2, least-gain = 1.0 }
            evaluate-every-steps = 2
            """);
    TrainingRun.Result result = faces.run(plan, folder.resolve("run")).run();
    assertThat(result.end()).isEqualTo(TrainingRun.End.EARLY);
    assertThat(result.epochs()).isEqualTo(2);
    assertThat(folder.resolve("run/best/model.json")).exists();
    TrainingRun.Result again = faces.run(plan, folder.resolve("run")).run();
    assertThat(again.steps()).isEqualTo(result.steps());
    assertThat(again.history()).isEqualTo(result.history());
  }
}
