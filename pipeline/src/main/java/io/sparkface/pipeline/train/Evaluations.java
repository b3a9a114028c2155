package io.sparkface.pipeline.train;

import io.sparkface.pipeline.distribute.Embeddings;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Verification of the network while it is trained. */
record Evaluations(List<PairSet> sets, Embeddings embeddings) {

  boolean any() {
    return !sets.isEmpty();
  }

  /** Result per pair set, in the plan's order. */
  Map<String, Verification> of(ComputationGraph graph) {
    Map<String, Verification> results = new LinkedHashMap<>();
    for (PairSet set : sets) {
      results.put(set.name(), set.verify(embeddings.of(graph, set)));
    }
    return results;
  }

  /** Of the set that chooses the best model. */
  double chosen(Map<String, Verification> results) {
    return results.get(sets.get(sets.size() - 1).name()).accuracy();
  }
}
