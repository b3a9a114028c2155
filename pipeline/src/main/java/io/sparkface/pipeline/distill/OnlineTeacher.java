package io.sparkface.pipeline.distill;

import io.sparkface.base.Lanes;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.embed.Embedder;
import io.sparkface.pipeline.embed.ModelFile;
import io.sparkface.pipeline.plan.TrainPlan;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hadoop.conf.Configuration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A teacher that is asked about every batch (spec 2.3): its embeddings, or its cosines of all
 * identities. It sees the images as the student does, rounded to whole grey levels. It computes on
 * a thread of its own, as kernels keep what they need per thread.
 */
public final class OnlineTeacher implements AutoCloseable {
  private final Embedder embedder;
  private final Optional<INDArray> centres;
  private final int subCentres;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          body -> {
            Thread created = new Thread(body, "teacher");
            created.setDaemon(true);
            return created;
          });

  /**
   * Which teacher.
   *
   * @param model a model directory or an {@code .onnx} file; empty for none
   * @param input how pixels are scaled for a foreign model that does not say itself
   * @param output what it is asked for
   * @param identities of the set
   */
  public record Source(
      String model, Normalisation input, TrainPlan.TeacherOutput output, int identities)
      implements Serializable {
    /** No teacher. */
    public static final Source NONE =
        new Source("", Normalisation.FACE, TrainPlan.TeacherOutput.EMBEDDING, 0);

    /** Whether there is a teacher. */
    public boolean any() {
      return !model.isEmpty();
    }
  }

  private OnlineTeacher(Embedder embedder, Optional<INDArray> centres, int subCentres) {
    this.embedder = embedder;
    this.centres = centres;
    this.subCentres = subCentres;
  }

  /**
   * @throws UserError when the model cannot be read, or has not as many outputs as there are
   *     identities where it is asked for these
   */
  public static OnlineTeacher open(Source source, Configuration hadoop) {
    Embedder embedder = Embedder.open(source.model(), source.input(), hadoop);
    OnlineTeacher teacher;
    if (source.output() == TrainPlan.TeacherOutput.EMBEDDING
        || ModelFile.named(source.model()).isPresent()) {
      teacher = new OnlineTeacher(embedder, Optional.empty(), 1);
    } else {
      ModelDirectory model = ModelDirectory.open(source.model(), hadoop);
      INDArray centres = model.weight(TrainingGraph.CENTRES);
      teacher =
          new OnlineTeacher(
              embedder,
              Optional.of(centres.divRowVector(centres.norm2(0))),
              model.card().subCentres());
    }
    if (source.output() == TrainPlan.TeacherOutput.CLASSES
        && teacher.width() != source.identities()) {
      throw new UserError(
          "the teacher tells "
              + teacher.width()
              + " identities apart, the set has "
              + source.identities(),
          source.model(),
          "name a teacher that was trained on this set, or distil by embeddings");
    }
    return teacher;
  }

  /** Values for each image. */
  public int width() {
    return centres.map(each -> (int) each.size(1) / subCentres).orElseGet(embedder::width);
  }

  /** One row for each picture [N, width]. */
  public INDArray of(List<RgbImage> pictures) {
    return Lanes.await(thread.submit(() -> output(pictures)));
  }

  private INDArray output(List<RgbImage> pictures) {
    INDArray embeddings = Nd4j.createFromArray(embedder.embed(pictures));
    if (centres.isEmpty()) {
      return embeddings;
    }
    INDArray unit = embeddings.diviColumnVector(embeddings.norm2(1));
    INDArray cosines = unit.mmul(centres.get());
    return subCentres == 1
        ? cosines
        : cosines.dup('c').reshape('c', pictures.size(), width(), subCentres).max(2);
  }

  @Override
  public void close() {
    thread.shutdown();
    embedder.close();
  }
}
