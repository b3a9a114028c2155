package io.sparkface.pipeline.embed;

import io.sparkface.base.Lanes;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.train.TrainingGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * A Sparkface network. Many pictures are dealt out to {@link Lanes}, as many as there are cores,
 * each with a plan of its own: threads that share the operations of one plan wait for one another
 * at the end of each, and where they sleep while they wait ({@code OMP_WAIT_POLICY=passive}) two of
 * them do little more than one. Few pictures are embedded on the thread that asks, each by all
 * cores.
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

  /** Null until first wanted; empty where the network cannot be computed so. */
  private Optional<Lanes<PictureEmbedding>> lanes;

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
    if (cores == 1 || pictures.size() < 2 * cores || lanes().isEmpty()) {
      return whole.of(pictures);
    }
    int share = (pictures.size() + lanes().get().count() - 1) / lanes().get().count();
    return Lanes.await(
        begin(lanes().get(), pictures.size(), pictures::get, Math.min(PIECE, share)));
  }

  @Override
  public CompletableFuture<float[][]> begin(int count, IntFunction<RgbImage> pictures) {
    return lanes().isPresent()
        ? begin(lanes().get(), count, pictures, PIECE)
        : Embedder.super.begin(count, pictures);
  }

  @Override
  public int ahead() {
    return lanes().map(each -> each.count() * PIECE).orElse(0);
  }

  private static CompletableFuture<float[][]> begin(
      Lanes<PictureEmbedding> lanes, int count, IntFunction<RgbImage> pictures, int piece) {
    float[][] rows = new float[count][];
    return lanes
        .begin(
            (count + piece - 1) / piece,
            (network, index) -> {
              int from = index * piece;
              List<RgbImage> some = new ArrayList<>(piece);
              for (int i = from; i < Math.min(from + piece, count); i++) {
                some.add(pictures.apply(i));
              }
              System.arraycopy(network.of(some), 0, rows, from, some.size());
            })
        .thenApply(done -> rows);
  }

  /** Opens the lanes, if the network can be computed so. */
  private Optional<Lanes<PictureEmbedding>> lanes() {
    if (lanes == null) {
      long bytes = Float.BYTES * Math.max(1, graph.numParams());
      int count = (int) Math.max(1, Math.min(cores, MOST_COPIED_BYTES / bytes));
      Lanes<PictureEmbedding> opened =
          new Lanes<>("embedding", count, () -> lane(Math.max(1, cores / count)));
      AtomicBoolean planned = new AtomicBoolean();
      Lanes.await(opened.begin(1, (network, index) -> planned.set(network.isPlanned())));
      if (planned.get()) {
        lanes = Optional.of(opened);
      } else {
        opened.close();
        lanes = Optional.empty();
      }
    }
    return lanes;
  }

  /**
   * @param threads of OpenMP, for the thread that asks alone
   */
  private PictureEmbedding lane(int threads) {
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
    return new PictureEmbedding(graph, network);
  }

  @Override
  public void close() {
    if (lanes != null) {
      lanes.ifPresent(Lanes::close);
    }
    // the graph's memory is freed with it
  }
}
