package io.sparkface.pipeline.checkpoint;

import java.util.List;
import java.util.Map;

/**
 * Where a run stood when a checkpoint was written. Order of images, augmentation and dropout are
 * functions of the plan's seed and the position, so that no state of a random generator is needed.
 *
 * @param position the data position: stage, epoch and step
 * @param weightsStage the stage the weights, the updater and the loss state are of; the one before
 *     {@code position.stage} when that has not begun
 * @param planFingerprint of the plan the run was begun with
 * @param bestAccuracy best accuracy so far on the pair set that chooses, 0 before the first
 * @param epochsSinceBest epochs evaluated since then
 * @param epochLoss sum of the losses of the steps in {@code position.stepInEpoch}
 * @param epochHeadLosses likewise of each head alone, by vertex
 * @param history one list of values per name, one value per epoch (spec 6.2), null for epochs
 *     without one
 */
public record TrainingState(
    Position position,
    int weightsStage,
    String planFingerprint,
    double bestAccuracy,
    int epochsSinceBest,
    double epochLoss,
    Map<String, Double> epochHeadLosses,
    Map<String, List<Double>> history) {
  public TrainingState {
    // not in checkpoints of earlier versions
    epochHeadLosses = epochHeadLosses == null ? Map.of() : Map.copyOf(epochHeadLosses);
  }
}
