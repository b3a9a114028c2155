package io.sparkface.pipeline.train;

import io.sparkface.base.UserError;
import io.sparkface.datasets.interchange.NpyArray;
import io.sparkface.pipeline.plan.StageLoss;
import io.sparkface.pipeline.plan.TrainPlan;
import io.sparkface.pipeline.plan.WeightedLoss;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Centres that a centre loss begins with (spec 4.3, {@code initial_file}): a numpy array [classes,
 * D] of numbers, a row for each label of the face set, as the original writes after each epoch.
 *
 * @param file a {@code .npy}
 */
record InitialCentres(Path file, Configuration hadoop) {

  /** Those of a stage; nothing where it has no centres, or they begin at zero. */
  static Optional<InitialCentres> of(TrainPlan.Stage stage, Configuration hadoop) {
    return stage.losses().stream()
        .map(WeightedLoss::loss)
        .filter(StageLoss.Centre.class::isInstance)
        .map(loss -> ((StageLoss.Centre) loss).initialFile())
        .filter(name -> !name.isEmpty())
        .map(name -> new InitialCentres(new Path(name), hadoop))
        .findFirst();
  }

  /**
   * Reads nothing but the array's header.
   *
   * @throws UserError when the array is not of this shape
   */
  void requireShape(int classes, int width) {
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      open(in, List.of((long) classes, (long) width));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private NpyArray open(InputStream in, List<Long> shape) throws IOException {
    NpyArray array = NpyArray.open(in, file.toString());
    if (array.isText() || !array.shape().equals(shape)) {
      throw new UserError(
          "the centres are "
              + (array.isText() ? "text" : array.shape())
              + ", the set and the network need "
              + shape,
          file.toString(),
          "name centres of the same set and embedding size, or none");
    }
    return array;
  }

  /** Sets the centres of a graph that has some. */
  void copyTo(ComputationGraph graph) {
    INDArray centres = graph.paramTable().get(TrainingGraph.CLASS_CENTRES);
    int width = (int) centres.size(1);
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      NpyArray array = open(in, List.of(centres.size(0), centres.size(1)));
      for (long row = 0; row < centres.size(0); row++) {
        float[] centre = array.floats(width);
        for (float value : centre) {
          if (!Float.isFinite(value)) {
            throw new UserError(
                "the centre of label " + row + " has a value " + value,
                file.toString(),
                "name centres of a run that went well, or none");
          }
        }
        centres.getRow(row).assign(Nd4j.createFromArray(centre));
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private UserError unreadable(IOException e) {
    return new UserError(
        "the initial centres cannot be read: " + e.getMessage(),
        file.toString(),
        "check initial-file of the centre loss",
        e);
  }
}
