package io.sparkface.pipeline.distribute;

import io.sparkface.models.optim.SharpnessAwareStep;
import io.sparkface.pipeline.distill.EmbeddingSet;
import io.sparkface.pipeline.input.BatchReader;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * A worker's copy of the network and its reader, which it keeps from one part of an epoch to the
 * next: building the primitives of a network takes seconds. All computing is done on one thread of
 * its own, as kernels and SameDiff keep what they need per thread.
 */
final class Replica {
  /**
   * By worker. A task has no other place to leave something for the next task of the same executor.
   */
  private static final ConcurrentMap<Integer, Replica> KEPT = new ConcurrentHashMap<>();

  private final String id;
  private final ExecutorService thread;
  private ComputationGraph graph;
  private BatchReader reader;

  private Replica(String id, int rank) {
    this.id = id;
    this.thread =
        Executors.newSingleThreadExecutor(
            body -> {
              Thread created = new Thread(body, "replica-" + rank);
              created.setDaemon(true);
              return created;
            });
  }

  /** The replica of worker {@code rank}, a new one when the network or the set is another. */
  static Replica of(int rank, String id) {
    return KEPT.compute(
        rank,
        (key, kept) -> {
          if (kept != null && kept.id.equals(id)) {
            return kept;
          }
          if (kept != null) {
            kept.close();
          }
          return new Replica(id, rank);
        });
  }

  /** Gives the replica up, because it is in an unknown state. */
  void discard() {
    KEPT.values().remove(this);
    close();
  }

  private void close() {
    thread.execute(
        () -> {
          if (graph != null) {
            graph.close();
          }
        });
    thread.shutdown();
  }

  <T> Future<T> submit(Callable<T> work) {
    return thread.submit(work);
  }

  /** The network, built when first asked for. To be called on the replica's thread. */
  ComputationGraph graph(WorkOrder.Network network, int threads) {
    // of this thread: two workers of a host must not each take all its cores
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
    if (graph == null) {
      graph = new ComputationGraph(network.configuration());
      graph.init();
      if (network.sharpness() > 0) {
        new SharpnessAwareStep(graph, network.sharpness());
      }
    }
    return graph;
  }

  /** The reader, opened when first asked for. */
  BatchReader reader(TrainingSet set, Configuration hadoop) {
    if (reader == null) {
      Optional<EmbeddingSet> teacher =
          set.embeddings().isEmpty()
              ? Optional.empty()
              : Optional.of(EmbeddingSet.open(new Path(set.embeddings()), set.faces(), hadoop));
      reader = new BatchReader(set.faces(), teacher, set.options(), hadoop);
    }
    return reader;
  }
}
