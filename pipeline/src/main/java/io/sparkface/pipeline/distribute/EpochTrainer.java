package io.sparkface.pipeline.distribute;

import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.plan.Distribution;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Where the epochs of a run are computed: in this JVM, or on executors. */
public interface EpochTrainer {
  /** The trainer a plan asks for; nothing where it is to be trained in this JVM. */
  static Optional<Function<TrainingSet, EpochTrainer>> onExecutors(
      Distribution distribution, JavaSparkContext spark) {
    return switch (distribution.mode()) {
      case LOCAL -> Optional.empty();
      case AUTO ->
          Executors.none(spark)
              ? Optional.empty()
              : Optional.of(set -> new AllReduceTrainer(spark, distribution, set));
      case ALL_REDUCE, AVERAGING, GRADIENT_SHARING ->
          Optional.of(set -> new AllReduceTrainer(spark, distribution, set));
    };
  }

  /** Sees what is done. */
  interface Watch extends Trainer.StepListener {
    /** Whether the next step is to be taken. Executors are asked before each part of an epoch. */
    boolean goesOn();
  }

  /** An epoch, trained in one or more parts. */
  interface Epoch extends AutoCloseable {
    /**
     * Takes the steps up to {@code end}, counted from the epoch's beginning, or fewer when it is
     * not to go on, and leaves the trained parameters in {@code graph}.
     *
     * @throws io.sparkface.base.UserError when the loss is not finite, naming the step
     */
    void train(ComputationGraph graph, long end, Watch watch);

    @Override
    void close();
  }

  /** Embeds with the network that is trained, where its epochs are computed. */
  Embeddings embeddings(NetworkSpec network);

  /** Begins an epoch, or goes on with one at {@link EpochSteps#first()}. */
  Epoch begin(EpochSteps steps);
}
