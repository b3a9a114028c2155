package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.input.BatchOrder;
import io.sparkface.pipeline.plan.Distribution;
import java.io.Serializable;
import org.apache.spark.util.SerializableConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * All a worker needs to know, sent with its task. Parameters follow over the connection to the
 * driver, to worker 0 alone, which passes them round the ring.
 *
 * @param driver host and port of the {@link Coordinator}
 * @param secret of this attempt, see {@link Handshake}
 * @param distribution how workers agree
 * @param network what is trained
 * @param input what it is trained on
 * @param hadoop settings of the file systems
 */
record WorkOrder(
    Driver driver,
    byte[] secret,
    Distribution distribution,
    Network network,
    Input input,
    SerializableConfiguration hadoop)
    implements Serializable {

  /** The same order of a driver that listens there. */
  WorkOrder from(Driver listening) {
    return new WorkOrder(listening, secret, distribution, network, input, hadoop);
  }

  /** Where the driver listens. */
  record Driver(String host, int port) implements Serializable {}

  /**
   * A network without its parameters.
   *
   * @param id the same as long as {@code configuration} and the set are, so that a worker can keep
   *     what it has built
   * @param configuration DL4J's
   * @param learningRate of these steps
   * @param iteration steps the optimiser has made
   * @param sharpness radius of sharpness-aware steps; 0 for plain ones
   * @param mostNorm to which the gradient of all weights together is shortened
   */
  record Network(
      String id,
      ComputationGraphConfiguration configuration,
      ISchedule learningRate,
      int iteration,
      double sharpness,
      double mostNorm)
      implements Serializable {}

  /**
   * Steps of one epoch.
   *
   * @param set where the images are
   * @param order which of them make up a step
   * @param epoch from 0
   * @param first step of the epoch, from 0
   * @param end the step behind the last one
   * @param before steps of the run before this epoch
   */
  record Input(TrainingSet set, BatchOrder order, int epoch, long first, long end, long before)
      implements Serializable {
    long steps() {
      return end - first;
    }
  }

  @Override
  public String toString() {
    // never the secret
    return "epoch " + input.epoch() + ", steps " + input.first() + " to " + input.end();
  }
}
