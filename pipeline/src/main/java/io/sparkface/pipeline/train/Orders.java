package io.sparkface.pipeline.train;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.Labels;
import io.sparkface.models.margin.ClassSampling;
import io.sparkface.pipeline.distill.OnlineTeacher;
import io.sparkface.pipeline.input.AugmentationSpec;
import io.sparkface.pipeline.input.BatchOrder;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.input.GroupedOrder;
import io.sparkface.pipeline.input.MinedOrder;
import io.sparkface.pipeline.input.SelectedRows;
import io.sparkface.pipeline.input.ShuffledOrder;
import io.sparkface.pipeline.input.SplitOrder;
import io.sparkface.pipeline.plan.TrainPlan;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** How the stages of a run put images into batches; each order is made once. */
final class Orders {
  private final TrainPlan plan;
  private final FaceSet faces;
  private final Configuration hadoop;
  private final Map<Kind, BatchOrder> made = new HashMap<>();
  private final Map<Double, TripletMining> mined = new HashMap<>();
  private Labels labels;

  private record Kind(boolean grouped, ClassSampling.Split split) {}

  Orders(TrainPlan plan, FaceSet faces, Configuration hadoop) {
    this.plan = plan;
    this.faces = faces;
    this.hadoop = hadoop;
  }

  /** Steps of an epoch. */
  long steps(TrainPlan.Stage stage) {
    return stage.mined() ? mining(stage).steps() : of(stage).steps();
  }

  /**
   * Whether a batch is what the plan says, and not cut down to whole groups: workers count on it.
   */
  void requireWholeGroups() {
    for (TrainPlan.Stage stage : plan.stages()) {
      int together = stage.mined() ? MinedOrder.TRIPLET : of(stage).together();
      if (plan.data().batchSize() % together != 0) {
        throw new UserError(
            "on executors a batch must hold whole groups of " + together + " images",
            "data.batch-size",
            "choose a multiple of " + together);
      }
    }
  }

  /** Of a stage that is trained on mined triplets. */
  TripletMining mining(TrainPlan.Stage stage) {
    return mined.computeIfAbsent(
        stage.mining(),
        share ->
            new TripletMining(
                plan,
                stage,
                labels(),
                new BatchReader(
                    faces,
                    Optional.empty(),
                    new BatchReader.Options(
                        plan.seed(),
                        plan.network().height(),
                        plan.network().width(),
                        AugmentationSpec.NONE,
                        0,
                        OnlineTeacher.Source.NONE),
                    hadoop)));
  }

  BatchOrder of(TrainPlan.Stage stage) {
    ClassSampling.Split split =
        stage.sampling() instanceof ClassSampling.Split parts ? parts : null;
    if (stage.grouped() && split != null) {
      throw new UserError(
          "a stage has both grouped batches and class-split", "stages", "choose one of the two");
    }
    return made.computeIfAbsent(new Kind(stage.grouped(), split), this::make);
  }

  private BatchOrder make(Kind kind) {
    TrainPlan.Data data = plan.data();
    if (kind.grouped()) {
      return new GroupedOrder(labels(), data.batchSize(), data.imagesPerIdentity(), plan.seed());
    }
    if (kind.split() != null) {
      return new SplitOrder(
          labels(),
          kind.split().parts(),
          label -> kind.split().partOf(label, faces.identities()),
          data.batchSize(),
          plan.seed());
    }
    SelectedRows rows =
        data.imagesPerIdentity() == 0
            ? SelectedRows.all(faces)
            : SelectedRows.ofIdentitiesWith(data.imagesPerIdentity(), labels());
    return new ShuffledOrder(rows, data.batchSize(), plan.seed());
  }

  private Labels labels() {
    if (labels == null) {
      labels = Labels.of(faces, hadoop);
    }
    return labels;
  }
}
