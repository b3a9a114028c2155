package io.sparkface.pipeline.train;

import io.sparkface.pipeline.plan.TrainPlan;

/**
 * One epoch of a run.
 *
 * @param index from 0, over all stages
 * @param stageIndex of its stage, from 0
 * @param stage what is trained
 * @param scheduleEpoch the epoch by the schedule's clock: {@code index} without the epochs of
 *     stages that train the head alone, which have a clock of their own (trap 44)
 * @param steps steps taken in it
 * @param firstStep steps taken before it, over all stages
 */
record EpochSpan(
    int index,
    int stageIndex,
    TrainPlan.Stage stage,
    int scheduleEpoch,
    long steps,
    long firstStep) {}
