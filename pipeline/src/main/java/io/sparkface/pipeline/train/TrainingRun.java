package io.sparkface.pipeline.train;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.distribute.EpochTrainer;
import io.sparkface.pipeline.distribute.LocalTrainer;
import io.sparkface.pipeline.distribute.Trainer;
import io.sparkface.pipeline.distribute.TrainingSet;
import io.sparkface.pipeline.plan.TrainPlan;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a plan into a run directory: {@code checkpoints/step-NNNNNNNNNN}, {@code best}, {@code
 * model} (the last step's), {@code history.json}. Started again on the same directory it goes on
 * after the newest complete checkpoint, to the same weights as if it had never ended, or, when the
 * run is complete, trains nothing. A file {@code STOP} in the run directory, or SIGTERM, ends it
 * after the step that is being computed, with a checkpoint.
 */
public final class TrainingRun {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

  private final TrainingInputs inputs;

  /** Why a run is over. */
  public enum End {
    /** All stages are done. */
    FINISHED,
    /** The accuracy did not rise any more. */
    EARLY,
    /** It was asked to; started again it goes on. */
    STOPPED
  }

  /**
   * What a run came to.
   *
   * @param end why it is over
   * @param epochs epochs completed, also in earlier starts
   * @param steps steps completed, also in earlier starts
   * @param images in the training set
   * @param identities in the training set
   * @param model directory of the last step's model; not there when the run was stopped
   * @param history one value per epoch (spec 6.2)
   */
  public record Result(
      End end,
      int epochs,
      long steps,
      long images,
      int identities,
      String model,
      Map<String, List<Double>> history) {}

  /** Opens every input; a {@link UserError} names the first that is missing or does not fit. */
  public TrainingRun(TrainPlan plan, String output, Configuration hadoop) {
    this(plan, output, hadoop, new LocalTrainer());
  }

  /** As {@link #TrainingRun(TrainPlan, String, Configuration)}, in this JVM by {@code trainer}. */
  TrainingRun(TrainPlan plan, String output, Configuration hadoop, Trainer trainer) {
    inputs = TrainingInputs.open(plan, output, hadoop, Optional.empty(), trainer);
  }

  /** As {@link #TrainingRun(TrainPlan, String, Configuration)}, on {@code executors}. */
  public TrainingRun(
      TrainPlan plan,
      String output,
      Configuration hadoop,
      Function<TrainingSet, EpochTrainer> executors) {
    inputs = TrainingInputs.open(plan, output, hadoop, Optional.of(executors), new LocalTrainer());
  }

  /** The memory the run needs, estimated before it starts (notes section 2.4). */
  public MemoryEstimate memory() {
    return inputs.memory();
  }

  /** Trains what is left to train. */
  public Result run() throws IOException {
    return run(Optional.empty());
  }

  /**
   * As {@link #run()}.
   *
   * @param resume a checkpoint of another run, whose position, weights and history this one takes
   *     over when it has no checkpoint of its own
   */
  public Result run(Optional<String> resume) throws IOException {
    MemoryEstimate memory = memory();
    LOG.info("{}", memory);
    if (MemoryEstimate.limit() > 0 && memory.sum() > MemoryEstimate.limit()) {
      LOG.warn(
          "that is more than this JVM may take, {} GiB: lower data.batch-size, or raise"
              + " -Dorg.bytedeco.javacpp.maxphysicalbytes and the container's memory with it",
          MemoryEstimate.limit() >> 30);
    }
    try (StopRequest stop = StopRequest.watch(inputs.directory().root(), inputs.hadoop());
        StartedRun run = new StartedRun(inputs, resume, stop)) {
      Result result = run.on();
      PeakMemory.mebibytes()
          .ifPresent(
              most -> LOG.info("most memory resident at once: {} MiB, the heap among it", most));
      return result;
    }
  }
}
