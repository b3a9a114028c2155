package io.sparkface.pipeline.train;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.distill.OnlineTeacher;
import io.sparkface.pipeline.plan.StageLoss;
import io.sparkface.pipeline.plan.TrainPlan;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Where what a student learns from comes from: embeddings on disk, or a model. */
final class Teachers {
  private Teachers() {}

  /**
   * The model that is asked at every step, if any.
   *
   * @throws UserError when stages have a teacher and the plan names none, or not the kind they need
   */
  static OnlineTeacher.Source online(TrainPlan plan, FaceSet faces, Configuration hadoop) {
    TrainPlan.Data data = plan.data();
    if (!plan.distils()) {
      return OnlineTeacher.Source.NONE;
    }
    if (plan.teacherOutput() == TrainPlan.TeacherOutput.CLASSES) {
      refuseBoth(plan);
      if (data.teacher().isEmpty()) {
        throw new UserError(
            "DistillKLDivergenceLoss has no teacher to ask",
            "data.teacher",
            "set data.teacher to a model that was trained on this set");
      }
    }
    if (!data.teacher().isEmpty()) {
      return new OnlineTeacher.Source(
          TrainingInputs.everywhere(data.teacher(), hadoop),
          data.teacherInput(),
          plan.teacherOutput(),
          faces.identities());
    }
    if (data.embeddings().isEmpty()) {
      throw new UserError(
          "a stage learns from a teacher, but none is named",
          "data.embeddings",
          "run distill on the same set and set data.embeddings, or set data.teacher to a model");
    }
    return OnlineTeacher.Source.NONE;
  }

  private static void refuseBoth(TrainPlan plan) {
    boolean embeddings =
        plan.stages().stream()
            .flatMap(stage -> stage.losses().stream())
            .anyMatch(each -> each.loss().kind() == StageLoss.Kind.TEACHER);
    if (embeddings) {
      throw new UserError(
          "DistillKLDivergenceLoss asks for a teacher's identities, another loss for its embedding",
          "stages",
          "use one of the two in a plan");
    }
  }

  /** Values for each image; 0 without a teacher. */
  static int width(
      OnlineTeacher.Source asked, Optional<EmbeddingSet> stored, Configuration hadoop) {
    if (!asked.any()) {
      return stored.map(EmbeddingSet::width).orElse(0);
    }
    try (OnlineTeacher teacher = OnlineTeacher.open(asked, hadoop)) {
      return teacher.width();
    }
  }
}
