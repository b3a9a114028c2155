package io.sparkface.pipeline.train;

import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.embed.GraphEmbedder;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Verification of the network while it is trained. */
record Evaluations(List<PairSet> sets, NetworkSpec network) {

  boolean any() {
    return !sets.isEmpty();
  }

  /** Result per pair set, in the plan's order. */
  Map<String, Verification> of(ComputationGraph graph) {
    Map<String, Verification> results = new LinkedHashMap<>();
    try (GraphEmbedder embedder = GraphEmbedder.inside(graph, network)) {
      for (PairSet set : sets) {
        results.put(set.name(), set.verify(embedder, PairSet.Flip.SUM));
      }
    }
    return results;
  }

  /** Of the set that chooses the best model. */
  double chosen(Map<String, Verification> results) {
    return results.get(sets.get(sets.size() - 1).name()).accuracy();
  }
}
