package io.sparkface.pipeline.plan;

import io.sparkface.models.NetworkSpec;
import java.util.List;

/**
 * What a training run does. Each key is described in {@code reference.conf}.
 *
 * @param seed of weights, image order and augmentation
 * @param data where images come from
 * @param evaluate pair sets evaluated after each epoch; the last chooses the best model
 * @param network backbone and embedding head
 * @param optimiser how weights move
 * @param schedule how the learning rate changes
 * @param stages run one after the other
 * @param checkpointsKept how many of the newest checkpoints stay on disk
 */
public record TrainPlan(
    long seed,
    Data data,
    List<String> evaluate,
    NetworkSpec network,
    Optimiser optimiser,
    Schedule schedule,
    List<Stage> stages,
    int checkpointsKept) {

  public TrainPlan {
    evaluate = List.copyOf(evaluate);
    stages = List.copyOf(stages);
  }

  /** Epochs of all stages together. */
  public int epochs() {
    return stages.stream().mapToInt(Stage::epochs).sum();
  }

  /** Whether any stage learns from teacher embeddings. */
  public boolean distils() {
    return stages.stream().anyMatch(stage -> stage.distill() > 0);
  }

  /** Input of training: face set, optional teacher embeddings, batch size and flip probability. */
  public record Data(String faces, String embeddings, int batchSize, double flip) {}

  /** Stochastic gradient descent with momentum and L2. */
  public record Optimiser(double learningRate, double momentum, double weightDecay) {}

  /**
   * Constant steps after a warm-up (spec 6.1).
   *
   * @param steps epochs at whose start the rate is multiplied by {@code decay}
   */
  public record Schedule(List<Integer> steps, double decay, int warmUpEpochs) {
    public Schedule {
      steps = List.copyOf(steps);
    }
  }

  /** Epochs trained with one loss. */
  public record Stage(
      int epochs,
      String margin,
      double marginValue,
      double scale,
      int subCentres,
      double distill) {}
}
