package io.sparkface.pipeline.checkpoint;

import java.util.Map;

/**
 * Where a run stood when a checkpoint was written.
 *
 * @param epoch epochs completed, over all stages
 * @param stage stage of the last completed epoch, from 0
 * @param step steps completed
 * @param planFingerprint SHA-256 of the effective plan
 * @param bestAccuracy best accuracy so far on the pair set that chooses, 0 before the first
 * @param history one list of values per name, one value per epoch (spec 6.2)
 */
public record TrainingState(
    int epoch,
    int stage,
    long step,
    String planFingerprint,
    double bestAccuracy,
    Map<String, java.util.List<Double>> history) {}
