package io.sparkface.pipeline;

import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** An untrained network for 32x32 pictures, for tests of what is done with embeddings. */
public final class SmallModel {
  public static final int WIDTH = 16;

  private SmallModel() {}

  private static NetworkSpec network() {
    return new NetworkSpec("mobilefacenet", "GDC", WIDTH, 0, 32, 32, 0.9, 1e-3);
  }

  /** Writes the model and returns its directory. */
  public static String write(Path directory) throws IOException {
    return write(directory, TrainingGraph.embeddingOnly(network()));
  }

  /** Writes a model whose parameters are no numbers any more. */
  public static String writeDiverged(Path directory) throws IOException {
    ComputationGraph graph = TrainingGraph.embeddingOnly(network());
    graph.params().assign(Float.NaN);
    return write(directory, graph);
  }

  private static String write(Path directory, ComputationGraph graph) throws IOException {
    write(directory.toString(), 1, graph, new Configuration());
    return directory.toString();
  }

  /** Writes the model of a margin head of {@code classes}. */
  public static void write(org.apache.hadoop.fs.Path directory, int classes, Configuration hadoop)
      throws IOException {
    write(directory.toString(), classes, TrainingGraph.embeddingOnly(network()), hadoop);
  }

  private static void write(
      String directory, int classes, ComputationGraph graph, Configuration hadoop)
      throws IOException {
    ModelDirectory.write(
        directory,
        new ModelCard(
            ModelCard.FORMAT,
            network(),
            classes,
            1,
            "arcface",
            0,
            ModelCard.INPUT,
            Map.of(),
            Map.of(),
            Map.of()),
        graph,
        hadoop);
  }
}
