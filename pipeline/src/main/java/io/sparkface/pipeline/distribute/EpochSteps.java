package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.input.BatchOrder;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * What is trained in an epoch.
 *
 * @param order which images make up a step
 * @param epoch from 0, over all stages
 * @param first step that is taken first, from 0
 * @param end the step behind the last one
 * @param before steps of the run before this epoch
 * @param learningRate by steps taken, in the network's own count
 */
public record EpochSteps(
    BatchOrder order, int epoch, long first, long end, long before, ISchedule learningRate) {}
