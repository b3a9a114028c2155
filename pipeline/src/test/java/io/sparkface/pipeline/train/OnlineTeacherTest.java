package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.models.Embedding;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.interop.onnx.PixelInput;
import io.sparkface.pipeline.distill.OnlineTeacher;
import io.sparkface.pipeline.export.ModelExport;
import io.sparkface.pipeline.export.Precision;
import io.sparkface.pipeline.input.AugmentationSpec;
import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.input.FaceBatch;
import io.sparkface.pipeline.input.RowRef;
import io.sparkface.pipeline.plan.TrainPlan;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model that is asked about each batch. */
class OnlineTeacherTest {
  @TempDir static Path folder;
  private static SmallFaces faces;
  private static TrainingRun.Result teacher;

  @BeforeAll
  static void train() throws IOException {
    faces = SmallFaces.drawnIn(folder);
    teacher =
        faces.run(faces.plan("stage-defaults.sub-centres = 2"), folder.resolve("teacher")).run();
  }

  private static FaceBatch batch(TrainPlan.TeacherOutput output, int identities)
      throws IOException {
    return batch(teacher.model(), output, identities);
  }

  private static FaceBatch batch(String model, TrainPlan.TeacherOutput output, int identities)
      throws IOException {
    FaceSet set =
        FaceSet.open(
            new org.apache.hadoop.fs.Path(folder.resolve("faces").toString()), SmallFaces.HADOOP);
    BatchReader.Options options =
        new BatchReader.Options(
            1,
            32,
            32,
            AugmentationSpec.NONE,
            0,
            new OnlineTeacher.Source(model, Normalisation.FACE, output, identities));
    return new BatchReader(set, Optional.empty(), options, SmallFaces.HADOOP)
        .read(new BatchDescriptor(0, 0, List.of(new RowRef(0, 1), new RowRef(0, 5))));
  }

  @Test
  void saysWhatItsNetworkSays() throws IOException {
    FaceBatch batch = batch(TrainPlan.TeacherOutput.EMBEDDING, 4);
    NetworkSpec network = faces.plan("").network();
    ComputationGraph graph = TrainingGraph.embeddingOnly(network);
    io.sparkface.pipeline.checkpoint.ModelDirectory.open(teacher.model(), SmallFaces.HADOOP)
        .restore(graph);
    INDArray embeddings = new Embedding(graph, network).of(batch.images());
    assertThat(batch.embeddings().sub(embeddings).amaxNumber().doubleValue()).isLessThan(1e-4);
    INDArray centres = SmallFaces.weights(teacher).get(TrainingGraph.CENTRES);
    INDArray cosines =
        embeddings
            .divColumnVector(embeddings.norm2(1))
            .mmul(centres.divRowVector(centres.norm2(0)));
    INDArray classes = batch(TrainPlan.TeacherOutput.CLASSES, 4).embeddings();
    assertThat(classes.shape()).containsExactly(2, 4);
    for (int row = 0; row < 2; row++) {
      for (int c = 0; c < 4; c++) {
        double nearest = Math.max(cosines.getDouble(row, 2 * c), cosines.getDouble(row, 2 * c + 1));
        assertThat(classes.getDouble(row, c))
            .isCloseTo(nearest, org.assertj.core.data.Offset.offset(1e-4));
      }
    }
  }

  static void export(String model, Path target) throws IOException {
    ModelExport.run(
        new ModelExport.Options(
            model,
            target.toString(),
            Precision.FLOAT32,
            PixelInput.NORMALISED,
            ModelExport.Answer.EMBEDDING,
            ModelExport.BatchNorm.FOLDED,
            Normalisation.FACE,
            Optional.empty(),
            0,
            StagedOutput.Existing.REFUSE),
        SmallFaces.HADOOP);
  }

  @Test
  void anOnnxTeacherSaysWhatItsNetworkSays() throws IOException {
    Path onnx = folder.resolve("teacher.onnx");
    export(teacher.model(), onnx);
    INDArray own = batch(teacher.model(), TrainPlan.TeacherOutput.EMBEDDING, 4).embeddings();
    INDArray others = batch(onnx.toString(), TrainPlan.TeacherOutput.EMBEDDING, 4).embeddings();
    double largest = own.amaxNumber().doubleValue();
    assertThat(own.sub(others).amaxNumber().doubleValue())
        .as("embeddings of up to %s", largest)
        .isLessThan(1e-3 * largest);
    TrainPlan plan = faces.plan("\nstages = [{ distill = 7 }]", "data.teacher=\"" + onnx + "\"");
    TrainingRun.Result student = faces.run(plan, folder.resolve("student")).run();
    assertThat(student.history().get("distill_embedding_loss").get(0)).isBetween(0.0, 2.0);
  }

  @Test
  void oneOfOtherIdentitiesIsRefused() {
    assertThatThrownBy(() -> batch(TrainPlan.TeacherOutput.CLASSES, 5))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("4 identities");
    TrainPlan plan = faces.plan("stage-defaults.loss = DistillKLDivergenceLoss");
    assertThatThrownBy(() -> faces.run(plan, folder.resolve("none")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("data.teacher");
  }
}
