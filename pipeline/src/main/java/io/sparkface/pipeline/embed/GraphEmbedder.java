package io.sparkface.pipeline.embed;

import io.sparkface.base.AllCores;
import io.sparkface.datasets.images.FloatImage;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.Embedding;
import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.tensor.ImageTensor;
import io.sparkface.pipeline.train.TrainingGraph;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A Sparkface network. */
public final class GraphEmbedder implements Embedder {
  private final Embedding embedding;
  private final NetworkSpec network;

  /** Memory of the last batch, for the next one. */
  private INDArray input;

  private GraphEmbedder(ComputationGraph graph, NetworkSpec network) {
    this.embedding = new Embedding(graph, network);
    this.network = network;
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
    ImageTensor images =
        ImageTensor.reusing(input, pictures.size(), network.height(), network.width());
    AllCores.each(
        pictures.size(),
        i ->
            images.put(
                i,
                FloatImage.of(pictures.get(i).fitting(network.width(), network.height())),
                Normalisation.FACE));
    input = images.array();
    // not toFloatMatrix, which makes an array of each row first
    float[] values = embedding.of(input).dup('c').data().asFloat();
    float[][] rows = new float[pictures.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(values, i * width(), (i + 1) * width());
    }
    return rows;
  }

  @Override
  public void close() {
    // the graph's memory is freed with it
  }
}
