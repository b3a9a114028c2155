package io.sparkface.pipeline.embed;

import io.sparkface.datasets.images.FloatImage;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.Embedding;
import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.tensor.ImageTensor;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Pictures through a network's plan, all on the thread that asks. */
final class PictureEmbedding {
  private final Embedding embedding;
  private final NetworkSpec network;

  /** Memory of the last pictures, for the next ones. */
  private INDArray input;

  PictureEmbedding(ComputationGraph graph, NetworkSpec network) {
    this.embedding = new Embedding(graph, network);
    this.network = network;
  }

  /** Whether several of one graph may be used side by side: DL4J's own graph may not. */
  boolean isPlanned() {
    return embedding.isPlanned();
  }

  /** Raw embeddings, one row a picture. */
  float[][] of(List<RgbImage> pictures) {
    ImageTensor images =
        ImageTensor.reusing(input, pictures.size(), network.height(), network.width());
    for (int i = 0; i < pictures.size(); i++) {
      images.put(
          i,
          FloatImage.of(pictures.get(i).fitting(network.width(), network.height())),
          Normalisation.FACE);
    }
    input = images.array();
    // not toFloatMatrix, which makes an array of each row first
    float[] values = embedding.of(input).dup('c').data().asFloat();
    int width = network.embeddingSize();
    float[][] rows = new float[pictures.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }
    return rows;
  }
}
