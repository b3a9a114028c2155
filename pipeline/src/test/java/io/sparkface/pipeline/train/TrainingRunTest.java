package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.plan.PlanFile;
import io.sparkface.pipeline.plan.TrainPlan;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.synthetic.SyntheticFaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

class TrainingRunTest {
  private static final Configuration HADOOP = new Configuration();
  private static final String PLAN =
      """
      network { image-size = 32, embedding-size = 16, batch-norm-momentum = 0.9 }
      data.batch-size = 8
      optimiser.learning-rate = 0.05
      stages = [{ epochs = 2, scale = 8, sub-centres = 2 }, { epochs = 1, scale = 8 }]
      """;

  @TempDir Path folder;

  @BeforeEach
  void prepareFaces() throws IOException {
    new SyntheticFaces(new SyntheticFaces.Options(4, 8, 32, 0, 20, 1))
        .write(new org.apache.hadoop.fs.Path(folder.resolve("rec").toString()), HADOOP);
    new FaceSetPreparation(
            LocalSpark.session(),
            new FaceSetPreparation.Options(
                folder.resolve("rec").toString(),
                folder.resolve("faces").toString(),
                1,
                0,
                StagedOutput.Existing.REFUSE))
        .run();
  }

  private TrainPlan plan() {
    return PlanFile.parse(
            PLAN,
            "plan.conf",
            List.of(
                "data.faces=\"" + folder.resolve("faces") + "\"",
                "evaluate=[\"" + folder.resolve("rec/heldout.bin") + "\"]"))
        .plan();
  }

  private TrainingRun.Result train(String output, String fingerprint) throws IOException {
    return new TrainingRun(plan(), fingerprint, folder.resolve(output).toString(), HADOOP).run();
  }

  @Test
  void goesOnAfterTheNewestCheckpointToTheSameWeights() throws IOException {
    TrainingRun.Result whole = train("whole", "p");
    assertThat(whole.history().get("loss")).hasSize(3).allMatch(Double::isFinite);
    assertThat(whole.history().get("heldout")).hasSize(3);
    Path stopped = folder.resolve("stopped");
    train("stopped", "p");
    // as if killed in the second epoch: only the first one's checkpoint is left
    delete(stopped.resolve("model"));
    delete(stopped.resolve("checkpoints/epoch-0003"));
    TrainingRun.Result resumed = train("stopped", "p");
    assertThat(resumed.history().get("loss")).hasSize(3);
    assertSameWeights(whole.model(), resumed.model());
  }

  private static void assertSameWeights(String a, String b) {
    Map<String, INDArray> left = ModelDirectory.open(a, HADOOP).weights();
    Map<String, INDArray> right = ModelDirectory.open(b, HADOOP).weights();
    assertThat(right.keySet()).isEqualTo(left.keySet());
    left.forEach(
        (name, value) ->
            assertThat(right.get(name).reshape(-1).toFloatVector())
                .as(name)
                .isEqualTo(value.reshape(-1).toFloatVector()));
  }

  @Test
  void anotherPlanIsRefusedAndADamagedModelTold() throws IOException {
    TrainingRun.Result result = train("run", "p");
    assertThatThrownBy(() -> train("run", "q"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--fresh");
    Path weights = Path.of(result.model(), "weights.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    Files.deleteIfExists(weights.resolveSibling(".weights.safetensors.crc"));
    assertThatThrownBy(() -> ModelDirectory.open(result.model(), HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("weights.safetensors");
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
