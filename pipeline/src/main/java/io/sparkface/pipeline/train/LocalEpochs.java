package io.sparkface.pipeline.train;

import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.distribute.Embeddings;
import io.sparkface.pipeline.distribute.EpochSteps;
import io.sparkface.pipeline.distribute.EpochTrainer;
import io.sparkface.pipeline.distribute.LocalEmbeddings;
import io.sparkface.pipeline.distribute.NotFinite;
import io.sparkface.pipeline.distribute.Trainer;
import io.sparkface.pipeline.distribute.TrainingSet;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.input.EpochBatches;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Epochs in this JVM: batches are read ahead over all parts of an epoch. */
final class LocalEpochs implements EpochTrainer {
  private final TrainingSet set;
  private final BatchReader reader;
  private final Trainer trainer;
  private final Configuration hadoop;

  LocalEpochs(
      TrainingSet set, Optional<EmbeddingSet> teacher, Configuration hadoop, Trainer trainer) {
    this.set = set;
    this.reader = new BatchReader(set.faces(), teacher, set.options(), hadoop);
    this.trainer = trainer;
    this.hadoop = hadoop;
  }

  @Override
  public Embeddings embeddings(NetworkSpec network) {
    return LocalEmbeddings.on(set, network, hadoop);
  }

  @Override
  public Epoch begin(EpochSteps epoch) {
    EpochBatches batches =
        new EpochBatches(reader, epoch.order(), epoch.epoch(), epoch.first(), epoch.end());
    return new Epoch() {
      private long next = epoch.first();

      @Override
      public void train(ComputationGraph graph, long end, Watch watch) {
        Steps steps =
            new Steps(
                batches, set.seed(), watch::goesOn, epoch.before() + next, epoch.before() + end);
        trainer.epoch(
            graph,
            steps,
            (images, loss) -> {
              if (!Double.isFinite(loss.sum())) {
                throw error(steps, loss.sum());
              }
              next++;
              watch.stepped(images, loss);
            });
      }

      private UserError error(Steps steps, double loss) {
        return NotFinite.error(loss, epoch.before() + next, steps.current().origin(), set);
      }

      @Override
      public void close() {
        batches.close();
      }
    };
  }
}
