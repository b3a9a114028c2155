package io.sparkface.models.backbones;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/** A network up to its last feature map. */
public interface Backbone {
  /** Appends the network behind {@code input}, NHWC with three channels. */
  FeatureMap addTo(GraphBuilder graph, String input);
}
