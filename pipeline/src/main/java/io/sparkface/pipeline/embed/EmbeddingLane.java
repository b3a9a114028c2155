package io.sparkface.pipeline.embed;

import io.sparkface.models.NetworkSpec;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * One of the threads that embed pictures side by side, each with a plan of its own. Threads that
 * share the operations of one plan wait for one another at the end of each, and where they sleep
 * while they wait ({@code OMP_WAIT_POLICY=passive}) two of them do little more than one.
 */
final class EmbeddingLane implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          body -> {
            Thread created = new Thread(body, "embedding");
            created.setDaemon(true);
            return created;
          });
  private final PictureEmbedding network;

  /**
   * @param threads of OpenMP, for this lane alone
   */
  EmbeddingLane(ComputationGraph graph, NetworkSpec spec, int threads) {
    this.network = new PictureEmbedding(graph, spec);
    thread.execute(
        () -> NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads));
  }

  /** Lets the lane's thread do {@code work}, after what it was given before. */
  <T> Future<T> submit(Function<PictureEmbedding, T> work) {
    return thread.submit(() -> work.apply(network));
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
