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
 */
public record Distribution(
    Mode mode,
    int workers,
    int threads,
    int frequency,
    String network,
    int port,
    Duration timeout,
    int retries)
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
    /** DL4J's asynchronous parameter server, which is refused. */
    GRADIENT_SHARING
  }
}
