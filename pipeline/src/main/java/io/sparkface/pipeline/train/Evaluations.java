package io.sparkface.pipeline.train;

import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.pipeline.embed.GraphEmbedder;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import io.sparkface.pipeline.plan.TrainPlan;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Verification of the network while it is trained.
 *
 * @param chooser name of the set that chooses the best model
 */
record Evaluations(List<PairSet> sets, String chooser, NetworkSpec network) {

  /**
   * @throws UserError when two sets have one name, or the choosing one is not among them
   */
  static Evaluations open(TrainPlan plan, Configuration hadoop) {
    List<PairSet> sets =
        plan.evaluation().pairSets().stream().map(pairs -> PairSet.open(pairs, hadoop)).toList();
    Set<String> names = new LinkedHashSet<>();
    for (PairSet set : sets) {
      if (!names.add(set.name())) {
        throw new UserError(
            "two pair sets have the name " + set.name(), "evaluate", "rename one of them");
      }
    }
    String chooser = plan.evaluation().chooser();
    if (chooser.isEmpty()) {
      chooser = sets.isEmpty() ? "" : sets.get(sets.size() - 1).name();
    } else if (!names.contains(chooser)) {
      throw new UserError(
          "there is no pair set " + chooser + " among " + names,
          "best-by",
          "name one of them, or leave best-by empty for the last");
    }
    return new Evaluations(sets, chooser, plan.network());
  }

  boolean any() {
    return !sets.isEmpty();
  }

  /** One set's. */
  record Scored(PairSet set, double[] cosines, Verification verification) {}

  /** Result per pair set, in the plan's order. */
  Map<String, Scored> of(ComputationGraph graph) {
    Map<String, Scored> results = new LinkedHashMap<>();
    try (GraphEmbedder embedder = GraphEmbedder.inside(graph, network)) {
      for (PairSet set : sets) {
        double[] cosines = set.cosines(embedder, PairSet.Flip.SUM);
        results.put(set.name(), new Scored(set, cosines, Verification.of(cosines, set.same())));
      }
    }
    return results;
  }

  /** Of the set that chooses the best model. */
  double chosen(Map<String, Scored> results) {
    return results.get(chooser).verification().accuracy();
  }
}
