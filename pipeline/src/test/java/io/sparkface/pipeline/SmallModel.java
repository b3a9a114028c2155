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
    ModelDirectory.write(
        directory.toString(),
        new ModelCard(
            ModelCard.FORMAT, network(), 1, 1, "arcface", 0, ModelCard.INPUT, Map.of(), Map.of()),
        graph,
        new Configuration());
    return directory.toString();
  }
}
