package io.sparkface.pipeline.distribute;

import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Embeddings made by all executors, a part by each. The weights of the network without its heads
 * are broadcast every time, as they have changed; the pictures of a set only once. Tasks are
 * ordinary ones, which Spark runs again after the loss of an executor.
 */
final class ExecutorEmbeddings implements Embeddings {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorEmbeddings.class);

  private final JavaSparkContext spark;
  private final TrainingSet set;
  private final NetworkSpec network;
  private final int threads;
  private final SerializableConfiguration hadoop;
  private final Map<PairSet, Broadcast<ArrayList<PairSet.Picture>>> pictures =
      new IdentityHashMap<>();

  /**
   * @param threads of an executor; 0 for its cores
   */
  ExecutorEmbeddings(JavaSparkContext spark, TrainingSet set, NetworkSpec network, int threads) {
    this.spark = spark;
    this.set = set;
    this.network = network;
    this.threads = threads;
    this.hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
  }

  @Override
  public float[][] of(ComputationGraph graph, PairSet pairs) {
    Broadcast<ArrayList<PairSet.Picture>> all =
        pictures.computeIfAbsent(pairs, one -> spark.broadcast(new ArrayList<>(one.pictures())));
    List<float[][]> parts =
        onExecutors(
            pairs.name(),
            graph,
            2 * pairs.pairs().size(),
            (local, range) -> local.of(all.value().subList(range.from(), range.to())));
    return parts.stream().flatMap(Arrays::stream).toArray(float[][]::new);
  }

  @Override
  public Labelled of(ComputationGraph graph, List<BatchDescriptor> images) {
    ArrayList<BatchDescriptor> all = new ArrayList<>(images);
    List<Labelled> parts =
        onExecutors(
            "training images",
            graph,
            all.size(),
            (local, range) -> local.ofImages(all.subList(range.from(), range.to())));
    return new Labelled(
        parts.stream().flatMap(part -> Arrays.stream(part.embeddings())).toArray(float[][]::new),
        parts.stream().flatMapToInt(part -> Arrays.stream(part.labels())).toArray());
  }

  /** Items from {@code from} to {@code to}, which is not one of them. */
  private record Range(int from, int to) implements Serializable {}

  private interface Work<T> extends Serializable {
    T on(Local local, Range range);
  }

  private <T> List<T> onExecutors(String what, ComputationGraph graph, int items, Work<T> work) {
    long start = System.nanoTime();
    int parts = Math.max(1, Math.min(items, spark.sc().getExecutorMemoryStatus().size() - 1));
    List<Range> ranges =
        IntStream.range(0, parts)
            .mapToObj(
                part ->
                    new Range(
                        (int) ((long) items * part / parts),
                        (int) ((long) items * (part + 1) / parts)))
            .toList();
    Broadcast<HashMap<String, float[]>> weights = spark.broadcast(weights(graph));
    try {
      Remote remote = new Remote(set, network, threads, hadoop);
      List<T> results =
          spark
              .parallelize(new ArrayList<>(ranges), parts)
              .map(
                  range -> {
                    try (Local local = remote.open(weights.value())) {
                      return work.on(local, range);
                    }
                  })
              .collect();
      LOG.info(
          "{} embedded by {} executors in {} s",
          what,
          parts,
          String.format(java.util.Locale.ROOT, "%.1f", (System.nanoTime() - start) / 1e9));
      return results;
    } finally {
      weights.destroy();
    }
  }

  private HashMap<String, float[]> weights(ComputationGraph graph) {
    HashMap<String, float[]> weights = new HashMap<>();
    graph
        .paramTable()
        .forEach(
            (name, array) -> {
              if (TrainingGraph.isOfNetwork(name)) {
                weights.put(name, array.dup('c').reshape(array.length()).toFloatVector());
              }
            });
    return weights;
  }

  /** What an executor needs beside the weights. */
  private record Remote(
      TrainingSet set, NetworkSpec network, int threads, SerializableConfiguration hadoop)
      implements Serializable {

    Local open(Map<String, float[]> weights) {
      int cores = threads > 0 ? threads : SparkEnv.get().conf().getInt("spark.executor.cores", 0);
      if (cores > 0) {
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(cores);
      }
      ComputationGraph graph = TrainingGraph.embeddingOnly(network);
      for (Map.Entry<String, INDArray> entry : graph.paramTable().entrySet()) {
        INDArray value = entry.getValue();
        value.assign(Nd4j.createFromArray(weights.get(entry.getKey())).reshape('c', value.shape()));
      }
      return new Local(graph, set, network, hadoop.value());
    }
  }

  /** The network in an executor. */
  private record Local(
      ComputationGraph graph, TrainingSet set, NetworkSpec network, Configuration hadoop)
      implements AutoCloseable {
    float[][] of(List<PairSet.Picture> pictures) {
      return LocalEmbeddings.of(graph, network, pictures);
    }

    Labelled ofImages(List<BatchDescriptor> images) {
      return LocalEmbeddings.on(set, network, hadoop).of(graph, images);
    }

    @Override
    public void close() {
      graph.close();
    }
  }
}
