package io.sparkface.pipeline.embed;

import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.train.TrainingGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * A Sparkface network. Many pictures are dealt out to {@link EmbeddingLane lanes}, as many as there
 * are cores; few are embedded on the thread that asks, each by all cores.
 */
public final class GraphEmbedder implements Embedder {
  /** Pictures a lane takes at a time: enough for its plan, few enough that lanes end together. */
  private static final int PIECE = 16;

  /** Every lane has a copy of the weights; networks so large that this is reached share cores. */
  private static final long MOST_COPIED_BYTES = 1L << 30;

  private final ComputationGraph graph;
  private final NetworkSpec network;
  private final int cores;
  private final PictureEmbedding whole;
  private final List<EmbeddingLane> lanes = new ArrayList<>();
  private boolean planned;

  private GraphEmbedder(ComputationGraph graph, NetworkSpec network) {
    this.graph = graph;
    this.network = network;
    this.cores = Math.max(1, NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads());
    this.whole = new PictureEmbedding(graph, network);
  }

  static GraphEmbedder open(String model, Configuration hadoop) {
    ModelDirectory directory = ModelDirectory.open(model, hadoop);
    NetworkSpec network = directory.card().network();
    ComputationGraph graph = TrainingGraph.embeddingOnly(network);
    directory.restore(graph);
    return new GraphEmbedder(graph, network);
  }

  /**
   * The network inside a graph that is being trained, with the weights it has now; closing it
   * leaves the graph as it is.
   */
  public static GraphEmbedder inside(ComputationGraph training, NetworkSpec network) {
    return new GraphEmbedder(training, network);
  }

  @Override
  public int width() {
    return network.embeddingSize();
  }

  @Override
  public float[][] embed(List<RgbImage> pictures) {
    if (cores == 1 || pictures.size() < 2 * cores || !sideBySide()) {
      return whole.of(pictures);
    }
    int piece = Math.min(PIECE, (pictures.size() + lanes.size() - 1) / lanes.size());
    float[][] rows = new float[pictures.size()][];
    AtomicInteger next = new AtomicInteger();
    List<Future<Integer>> running = new ArrayList<>();
    for (EmbeddingLane lane : lanes) {
      running.add(
          lane.submit(
              network -> {
                int from = next.getAndAdd(piece);
                while (from < rows.length) {
                  int to = Math.min(from + piece, rows.length);
                  float[][] some = network.of(pictures.subList(from, to));
                  System.arraycopy(some, 0, rows, from, some.length);
                  from = next.getAndAdd(piece);
                }
                return from;
              }));
    }
    running.forEach(GraphEmbedder::await);
    return rows;
  }

  /** Opens the lanes, if the network can be computed so. */
  private boolean sideBySide() {
    if (lanes.isEmpty()) {
      long bytes = Float.BYTES * Math.max(1, graph.numParams());
      int count = (int) Math.max(1, Math.min(cores, MOST_COPIED_BYTES / bytes));
      for (int i = 0; i < count; i++) {
        lanes.add(new EmbeddingLane(graph, network, Math.max(1, cores / count)));
      }
      planned = await(lanes.get(0).submit(PictureEmbedding::isPlanned));
    }
    return planned;
  }

  private static <T> T await(Future<T> work) {
    try {
      return work.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while embedding", e);
    }
  }

  @Override
  public void close() {
    lanes.forEach(EmbeddingLane::close);
    // the graph's memory is freed with it
  }
}
