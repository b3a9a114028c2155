package io.sparkface.pipeline.train;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.RowGroup;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.distill.OnlineTeacher;
import io.sparkface.pipeline.distribute.Embeddings;
import io.sparkface.pipeline.distribute.EpochTrainer;
import io.sparkface.pipeline.distribute.Trainer;
import io.sparkface.pipeline.distribute.TrainingSet;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * All a run works with, opened and checked before it begins.
 *
 * @param orders how images come into batches
 * @param timeline the epochs of the whole run
 * @param trainer computes them
 * @param teacherWidth values of the teacher's output; 0 without one
 * @param accuracy on training images
 * @param evaluations on pair sets
 */
record TrainingInputs(
    TrainPlan plan,
    RunDirectory directory,
    Configuration hadoop,
    FaceSet faces,
    Orders orders,
    Timeline timeline,
    EpochTrainer trainer,
    int teacherWidth,
    TrainingAccuracy accuracy,
    Evaluations evaluations) {

  /**
   * @param executors computes on them; empty in this JVM
   * @param local computes in this JVM
   * @throws UserError names the first input that is missing or does not fit
   */
  static TrainingInputs open(
      TrainPlan plan,
      String output,
      Configuration hadoop,
      Optional<Function<TrainingSet, EpochTrainer>> executors,
      Trainer local) {
    RunDirectory directory = new RunDirectory(new Path(output), hadoop);
    if (plan.data().faces().isEmpty()) {
      throw new UserError(
          "no training set is named", "data.faces", "set data.faces in the plan or by --set");
    }
    FaceSet faces = FaceSet.open(new Path(plan.data().faces()), hadoop);
    Orders orders = new Orders(plan, faces, hadoop);
    Timeline timeline = Timeline.of(plan, orders::steps);
    if (plan.initial().epoch() >= timeline.size()) {
      throw new UserError(
          "the plan has " + timeline.size() + " epochs, none is left to train",
          "initial.epoch",
          "lower initial.epoch or add epochs to the stages");
    }
    OnlineTeacher.Source asked = Teachers.online(plan, faces, hadoop);
    Optional<EmbeddingSet> stored =
        plan.distils() && !asked.any()
            ? Optional.of(EmbeddingSet.open(new Path(plan.data().embeddings()), faces, hadoop))
            : Optional.empty();
    String embeddings = stored.isEmpty() ? "" : everywhere(plan.data().embeddings(), hadoop);
    TrainingSet set = set(plan, faces, asked, embeddings);
    if (executors.isPresent()) {
      orders.requireWholeGroups();
    }
    EpochTrainer trainer =
        executors
            .map(open -> open.apply(set))
            .orElseGet(() -> new LocalEpochs(set, stored, hadoop, local));
    int teacherWidth = Teachers.width(asked, stored, hadoop);
    for (TrainPlan.Stage stage : plan.stages()) {
      InitialCentres.of(stage, hadoop)
          .ifPresent(file -> file.requireShape(faces.identities(), plan.network().embeddingSize()));
    }
    Embeddings embedded = trainer.embeddings(plan.network());
    return new TrainingInputs(
        plan,
        directory,
        hadoop,
        faces,
        orders,
        timeline,
        trainer,
        teacherWidth,
        TrainingAccuracy.on(embedded, faces.rowGroups().stream().map(RowGroup::rows).toList()),
        Evaluations.open(plan, embedded, hadoop));
  }

  /** A path of the plan as executors have to be told it: they work in another directory. */
  static String everywhere(String path, Configuration hadoop) {
    try {
      Path given = new Path(path);
      return given.getFileSystem(hadoop).makeQualified(given).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TrainingSet set(
      TrainPlan plan, FaceSet faces, OnlineTeacher.Source asked, String embeddings) {
    TrainPlan.Data data = plan.data();
    return new TrainingSet(
        faces,
        embeddings,
        new BatchReader.Options(
            plan.seed(),
            plan.network().height(),
            plan.network().width(),
            data.augmentation(),
            data.mixupAlpha(),
            asked),
        data.batchSize(),
        plan.seed());
  }

  /** The rate of a stage by the network's own count of steps. */
  ISchedule rate(TrainPlan.Stage stage) {
    long steps = orders.steps(stage);
    int epochs = timeline.epochs().stream().mapToInt(EpochSpan::scheduleEpoch).max().orElse(0) + 1;
    return new EpochClock(
        plan.schedule().of(stage.optimiser().learningRate(), Math.toIntExact(steps), epochs),
        steps);
  }

  /** The memory the run needs. */
  MemoryEstimate memory() {
    return MemoryEstimate.of(plan, faces.identities(), teacherWidth);
  }
}
