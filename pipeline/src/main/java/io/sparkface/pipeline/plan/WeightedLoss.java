package io.sparkface.pipeline.plan;

/**
 * A loss beside others.
 *
 * @param loss what is computed
 * @param weight factor on it, above 0
 */
public record WeightedLoss(StageLoss loss, double weight) {}
