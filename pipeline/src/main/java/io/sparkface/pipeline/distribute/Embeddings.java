package io.sparkface.pipeline.distribute;

import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.input.BatchDescriptor;
import java.io.Serializable;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Embeds with a network between two parts of its training, where its epochs are computed. */
public interface Embeddings {
  /** Of all pictures of a set, in its order: the sum of a picture's and its mirror image's. */
  float[][] of(ComputationGraph graph, PairSet set);

  /** Of training images, unchanged, in order. */
  Labelled of(ComputationGraph graph, List<BatchDescriptor> images);

  /**
   * Embeddings and who they are of.
   *
   * @param embeddings [n][width]
   * @param labels [n]
   */
  record Labelled(float[][] embeddings, int[] labels) implements Serializable {}
}
