package io.sparkface.pipeline.plan;

import io.sparkface.datasets.images.Normalisation;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Precision;
import io.sparkface.models.margin.ClassSampling;
import io.sparkface.models.margin.PrototypeQueue;
import io.sparkface.pipeline.input.AugmentationSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a training run does. Each key is described in {@code reference.conf}.
 *
 * @param seed of weights, image order and augmentation
 * @param precision in which numbers convolutions multiply
 * @param data where images come from
 * @param initial what the run begins with
 * @param evaluation when and on what the network is evaluated
 * @param network backbone and embedding head
 * @param schedule how the learning rate changes
 * @param stages run one after the other
 * @param checkpoint when the run's state is written
 */
public record TrainPlan(
    long seed,
    Precision precision,
    Data data,
    Initial initial,
    Evaluation evaluation,
    NetworkSpec network,
    SchedulePlan schedule,
    List<Stage> stages,
    Checkpoint checkpoint) {

  public TrainPlan {
    stages = List.copyOf(stages);
  }

  /** Whether any stage learns from a teacher. */
  public boolean distils() {
    return stages.stream().anyMatch(Stage::taught);
  }

  /** What the teacher of the stages that have one gives. */
  public TeacherOutput teacherOutput() {
    return stages.stream().anyMatch(stage -> stage.loss() instanceof StageLoss.OfClasses)
        ? TeacherOutput.CLASSES
        : TeacherOutput.EMBEDDING;
  }

  /** What a teacher gives for an image. */
  public enum TeacherOutput {
    EMBEDDING,
    /** Its cosines of all identities. */
    CLASSES
  }

  /**
   * SHA-256 of everything that decides what is trained: all but how often checkpoints are written,
   * so that a run can be gone on with when only that was changed.
   */
  public String fingerprint() {
    TrainPlan deciding =
        new TrainPlan(
            seed,
            precision,
            data,
            initial,
            evaluation,
            network,
            schedule,
            stages,
            new Checkpoint(0, 0, 0));
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(deciding.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the plan says, part by part, and its fingerprint: for the cards of its models. */
  public Map<String, String> described() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("seed", Long.toString(seed));
    parts.put("precision", precision.toString());
    parts.put("data", data.toString());
    parts.put("initial", initial.toString());
    parts.put("evaluation", evaluation.toString());
    parts.put("schedule", schedule.toString());
    for (int i = 0; i < stages.size(); i++) {
      parts.put("stage " + (i + 1), stages.get(i).toString());
    }
    parts.put("fingerprint", fingerprint());
    return parts;
  }

  /**
   * Input of training.
   *
   * @param faces the face set
   * @param embeddings the teacher's of that set; empty without
   * @param teacher a model that is asked at every step in their place; empty without
   * @param teacherInput how pixels are scaled for a teacher that does not say itself
   * @param batchSize images per step
   * @param augmentation of each image
   * @param mixupAlpha images are mixed by Beta(alpha, alpha); 0 mixes none
   * @param imagesPerIdentity identities with fewer are left out; 0 leaves none out
   */
  public record Data(
      String faces,
      String embeddings,
      String teacher,
      Normalisation teacherInput,
      int batchSize,
      AugmentationSpec augmentation,
      double mixupAlpha,
      int imagesPerIdentity) {}

  /**
   * What the run begins with (spec 5.1).
   *
   * @param weights a model directory or checkpoint; empty for new weights
   * @param parts what is taken from it
   * @param epoch epochs of the plan regarded as done
   */
  public record Initial(String weights, Parts parts, int epoch) {}

  /** What is taken from the initial weights. */
  public enum Parts {
    /** Backbone and embedding; the heads are new. */
    BACKBONE,
    /** The heads too, where they are of the same shape. */
    MODEL,
    /** And the optimiser's state: all must fit. */
    CHECKPOINT
  }

  /**
   * When and on what the network is evaluated.
   *
   * @param pairSets evaluated after each epoch
   * @param chooser name of the one that chooses the best model; empty for the last
   * @param everySteps also after so many steps; 0 for after epochs alone
   * @param patience epochs without a better accuracy after which the run ends; 0 for never
   * @param leastGain what counts as better
   */
  public record Evaluation(
      List<String> pairSets, String chooser, int everySteps, int patience, double leastGain) {
    public Evaluation {
      pairSets = List.copyOf(pairSets);
    }
  }

  /**
   * What is trained with one set of losses.
   *
   * @param epochs how long
   * @param steps how long, in place of epochs; 0 for epochs
   * @param bottleneckOnly whether backbone and embedding stay as they are and the heads alone learn
   * @param grouped whether batches hold several images of an identity next to each other
   * @param mining of triplets; 0 without
   * @param losses the main one first, one of a kind
   * @param subCentres of each identity, for losses on cosines
   * @param sampling which identities take part in a step
   * @param prototypes of losses on cosines
   * @param optimiser how weights move
   */
  public record Stage(
      int epochs,
      int steps,
      boolean bottleneckOnly,
      boolean grouped,
      double mining,
      List<WeightedLoss> losses,
      int subCentres,
      ClassSampling sampling,
      Optional<PrototypeQueue> prototypes,
      OptimiserPlan optimiser) {
    public Stage {
      losses = List.copyOf(losses);
    }

    /** The main loss. */
    public StageLoss loss() {
      return losses.get(0).loss();
    }

    /** Whether a teacher takes part. */
    public boolean taught() {
      return losses.stream().anyMatch(each -> each.loss().taught());
    }

    /** Whether batches are triplets mined before each epoch. */
    public boolean mined() {
      return losses.stream().anyMatch(each -> each.loss().mined());
    }
  }

  /**
   * When the run's state is written.
   *
   * @param everySteps also after so many steps; 0 for after epochs alone
   * @param kept how many of the newest checkpoints stay on disk
   * @param logEverySteps how often the loss of a step is logged; 0 for never
   */
  public record Checkpoint(int everySteps, int kept, int logEverySteps) {}
}
