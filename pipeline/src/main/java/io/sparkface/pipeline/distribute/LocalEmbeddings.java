package io.sparkface.pipeline.distribute;

import io.sparkface.models.Embedding;
import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.embed.GraphEmbedder;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.BatchReader;
import io.sparkface.pipeline.input.FaceBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Embeddings made in this JVM.
 *
 * @param reader gives images unchanged
 */
public record LocalEmbeddings(NetworkSpec network, BatchReader reader) implements Embeddings {

  /** Of the images of {@code set}. */
  public static LocalEmbeddings on(TrainingSet set, NetworkSpec network, Configuration hadoop) {
    return new LocalEmbeddings(
        network, new BatchReader(set.faces(), Optional.empty(), set.options().plain(), hadoop));
  }

  @Override
  public float[][] of(ComputationGraph graph, PairSet set) {
    return of(graph, network, set.pictures());
  }

  static float[][] of(ComputationGraph graph, NetworkSpec network, List<PairSet.Picture> pictures) {
    try (GraphEmbedder embedder = GraphEmbedder.inside(graph, network)) {
      return PairSet.embeddings(embedder, PairSet.Flip.SUM, pictures);
    }
  }

  @Override
  public Labelled of(ComputationGraph graph, List<BatchDescriptor> images) {
    Embedding embedding = new Embedding(graph, network);
    List<float[]> embeddings = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    try {
      for (BatchDescriptor descriptor : images) {
        FaceBatch batch = reader.read(descriptor);
        embeddings.addAll(Arrays.asList(embedding.of(batch.images()).toFloatMatrix()));
        for (int i = 0; i < batch.size(); i++) {
          labels.add(batch.labels().getInt(i));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Labelled(
        embeddings.toArray(float[][]::new), labels.stream().mapToInt(Integer::intValue).toArray());
  }
}
