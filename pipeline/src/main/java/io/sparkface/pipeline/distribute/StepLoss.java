package io.sparkface.pipeline.distribute;

import io.sparkface.models.heads.Head;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.BaseLayer;

/**
 * What a step came to, as means over its images.
 *
 * @param sum of all losses by their weights. Without regularisation: it changes from step to step,
 *     so that it could not be taken off a mean again
 * @param heads each head's own loss without its weight, by vertex; empty where there is one alone
 */
public record StepLoss(double sum, Map<String, Double> heads) {
  /** Of one head. */
  public static StepLoss of(double sum) {
    return new StepLoss(sum, Map.of());
  }

  /** Of the step a graph has just taken. */
  static StepLoss of(ComputationGraph graph) {
    double sum = 0;
    Map<String, Double> heads = new LinkedHashMap<>();
    List<String> outputs = graph.getConfiguration().getNetworkOutputs();
    for (int i = 0; i < outputs.size(); i++) {
      BaseLayer<?> layer = (BaseLayer<?>) graph.getOutputLayer(i);
      sum += layer.score();
      heads.put(outputs.get(i), layer.score() / ((Head) layer.conf().getLayer()).weight());
    }
    return new StepLoss(sum, heads.size() > 1 ? heads : Map.of());
  }
}
