package io.sparkface.pipeline.plan;

import java.io.Serializable;
import java.time.Duration;

/**
 * Where and how a plan is computed. No part of what is trained: a run can be gone on with under
 * another one.
 *
 * @param mode which trainer
 * @param workers executors that train; 0 for all there are
 * @param threads of each worker; 0 for the executor's cores
 * @param frequency steps between two means of the parameters, in {@link Mode#AVERAGING}
 * @param network in CIDR form, whose address workers use; empty for Spark's own
 * @param port of the first worker on a host; 0 for any free one
 * @param timeout how long a worker may make no step, or be waited for
 * @param retries how often a part of an epoch is tried again after an executor was lost
 * @param sharing what is sent, in {@link Mode#GRADIENT_SHARING}
 */
public record Distribution(
    Mode mode,
    int workers,
    int threads,
    int frequency,
    String network,
    int port,
    Duration timeout,
    int retries,
    Sharing sharing)
    implements Serializable {

  /** Which trainer. */
  public enum Mode {
    /** {@link #LOCAL} where Spark has no executors but the driver, else {@link #ALL_REDUCE}. */
    AUTO,
    /** In the driver's JVM. */
    LOCAL,
    /** Gradients are summed over all workers at every step. */
    ALL_REDUCE,
    /** Workers train by themselves and take the mean of their parameters now and then. */
    AVERAGING,
    /** As {@link #ALL_REDUCE}, but only the largest gradients are sent; the others wait. */
    GRADIENT_SHARING
  }

  /**
   * Which gradients are sent, and as what.
   *
   * @param density share of the numbers of an array that are sent at a step
   * @param threshold what has a threshold of its own
   * @param code of a number
   */
  public record Sharing(double density, Threshold threshold, Code code) implements Serializable {}

  /** What has a threshold of its own. */
  public enum Threshold {
    /** Each array of weights: gradients of head and backbone differ by orders of magnitude. */
    ARRAY,
    /** The network, as in DL4J. */
    NETWORK
  }

  /** What is sent of a number that reaches the threshold. */
  public enum Code {
    /** The number, in bfloat16. */
    VALUES,
    /** Its sign, for plus or minus the threshold, as in DL4J. */
    SIGNS
  }
}
