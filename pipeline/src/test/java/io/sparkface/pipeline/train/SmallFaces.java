package io.sparkface.pipeline.train;

import io.sparkface.datasets.Fixtures;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.plan.PlanFile;
import io.sparkface.pipeline.plan.TrainPlan;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.synthetic.SyntheticFaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Four drawn people with eight pictures each, and plans that train on them in seconds. */
public record SmallFaces(Path folder) {
  public static final Configuration HADOOP = new Configuration();
  private static final String PLAN =
      """
      network { image-size = 32, embedding-size = 16, batch-norm-momentum = 0.9, dropout = 0.2 }
      data.batch-size = 8
      optimiser.learning-rate = 0.05
      stage-defaults.scale = 8
      """;

  /** The photos of 128 people that lie beside the checkout, without a pair set. */
  static SmallFaces photographedIn(Path folder) throws IOException {
    return preparedIn(folder, Fixtures.path("faces/lfw_128"));
  }

  private static SmallFaces preparedIn(Path folder, Path source) throws IOException {
    new FaceSetPreparation(
            LocalSpark.session(),
            new FaceSetPreparation.Options(
                source.toString(),
                folder.resolve("faces").toString(),
                1,
                0,
                StagedOutput.Existing.REFUSE))
        .run();
    return new SmallFaces(folder);
  }

  public static SmallFaces drawnIn(Path folder) throws IOException {
    new SyntheticFaces(new SyntheticFaces.Options(4, 8, 32, 0, 20, 1))
        .write(new org.apache.hadoop.fs.Path(folder.resolve("rec").toString()), HADOOP);
    return preparedIn(folder, folder.resolve("rec"));
  }

  /** The small plan with {@code text} after it, on these faces. */
  public TrainPlan plan(String text, String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "data.faces=\"" + folder.resolve("faces") + "\"",
                "evaluate=[\"" + folder.resolve("rec/heldout.bin") + "\"]"));
    all.addAll(Arrays.asList(settings));
    return PlanFile.parse(PLAN + text, "plan.conf", all).plan();
  }

  public TrainingRun run(TrainPlan plan, Path output) {
    return new TrainingRun(plan, output.toString(), HADOOP);
  }

  static Map<String, INDArray> weights(String model) {
    return ModelDirectory.open(model, HADOOP).weights();
  }

  static Map<String, INDArray> weights(TrainingRun.Result result) {
    return weights(result.model());
  }
}
