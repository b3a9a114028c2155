package io.sparkface.models;

import io.sparkface.models.embedding.EmbeddingHead;
import io.sparkface.models.layers.InferencePlan;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Embeddings of a network with the parameters it has now: by an {@link InferencePlan} where every
 * layer can be part of one, else by DL4J. A single image and a batch have plans of their own, each
 * made when first wanted. Not for use by several threads at once.
 */
public final class Embedding {
  private final ComputationGraph graph;
  private final NetworkSpec network;
  private Optional<InferencePlan> single;
  private Optional<InferencePlan> batch;

  /**
   * @param graph has the vertices that {@link Networks#addTo} made; it is not changed
   */
  public Embedding(ComputationGraph graph, NetworkSpec network) {
    this.graph = graph;
    this.network = network;
  }

  /**
   * @param images NHWC {@code [n, height, width, 3]}
   * @return {@code [n, embeddingSize]}, not normalised
   */
  public INDArray of(INDArray images) {
    Optional<InferencePlan> plan = plan(images.size(0));
    if (plan.isEmpty()) {
      return graph.output(List.of(EmbeddingHead.VERTEX), false, new INDArray[] {images}, null)[0];
    }
    INDArray result =
        Nd4j.createUninitializedDetached(
            images.dataType(), images.size(0), network.embeddingSize());
    plan.get().run(images, result);
    return result;
  }

  /**
   * Whether every layer can be part of a plan. Embeddings of one graph may then be used by a thread
   * each; without a plan they share DL4J's graph, which is for one thread.
   */
  public boolean isPlanned() {
    return plan(InferencePlan.BATCH).isPresent();
  }

  private Optional<InferencePlan> plan(long images) {
    if (images == 1) {
      single = single == null ? made(1) : single;
      return single;
    }
    batch = batch == null ? made(InferencePlan.BATCH) : batch;
    return batch;
  }

  private Optional<InferencePlan> made(int images) {
    return InferencePlan.of(
        graph, EmbeddingHead.VERTEX, images, network.height(), network.width(), 3);
  }
}
