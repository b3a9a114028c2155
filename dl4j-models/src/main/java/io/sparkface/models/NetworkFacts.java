package io.sparkface.models;

import io.sparkface.models.backbones.FeatureMap;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;

/**
 * What a backbone, without embedding head, costs: computed from its configuration alone, no weights
 * are made.
 *
 * @param name as a plan names it
 * @param parameters all numbers, running statistics included
 * @param trainable those that gradients change
 * @param flops floating-point operations of one image's forward pass: two for each
 *     multiplication-and-addition of convolutions, dense layers and attention, nothing for the rest
 * @param map height, width and channels of the map it ends in
 */
public record NetworkFacts(
    String name, long parameters, long trainable, long flops, List<Integer> map) {
  private static final String IMAGES = "images";

  public NetworkFacts {
    map = List.copyOf(map);
  }

  /** The facts of the backbone of {@code spec} at its input size. */
  public static NetworkFacts of(NetworkSpec spec) {
    GraphBuilder graph = new NeuralNetConfiguration.Builder().graphBuilder().addInputs(IMAGES);
    FeatureMap map = Networks.addBackboneTo(graph, spec, IMAGES);
    graph.setOutputs(map.vertex());
    InputType images = InputType.convolutional(spec.height(), spec.width(), 3, CNN2DFormat.NHWC);
    Map<String, InputType> types = graph.build().getLayerActivationTypes(images);
    types.put(IMAGES, images);
    long parameters = 0;
    long statistics = 0;
    long multiplyAdds = 0;
    for (Map.Entry<String, GraphVertex> vertex : graph.getVertices().entrySet()) {
      if (vertex.getValue() instanceof LayerVertex layer
          && layer.getLayerConf().getLayer() instanceof BlockLayer block) {
        parameters += block.block().length();
        statistics += block.block().length(Part.STATISTICS);
        String input = graph.getVertexInputs().get(vertex.getKey()).get(0);
        multiplyAdds += block.multiplyAdds(types.get(input));
      }
    }
    return new NetworkFacts(
        spec.backbone(),
        parameters,
        parameters - statistics,
        2 * multiplyAdds,
        Arrays.asList(map.height(), map.width(), map.channels()));
  }
}
