package io.sparkface.models.interop.onnx;

import io.sparkface.models.kernels.Gate;
import io.sparkface.models.layers.ParameterBlock.Part;
import io.sparkface.models.layers.SqueezeExcite;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Mean, two 1x1 convolutions, and the product with the input. */
final class SqueezeExciteExport implements LayerExport<SqueezeExcite> {
  @Override
  public void write(SqueezeExcite layer, LayerSite site) {
    OnnxGraph graph = site.graph();
    String name = site.name();
    long channels = site.image().getChannels();
    long hidden = layer.hidden();
    INDArray kernel = site.part(layer.block(), Part.KERNEL);
    INDArray bias = site.part(layer.block(), Part.BIAS);
    String mean = graph.add("GlobalAveragePool", name + "_mean", site.input());
    String reduced =
        pointwise(
            site,
            name + "_reduce",
            mean,
            kernel.getRow(0).reshape('c', channels, hidden),
            bias == null ? null : bias.get(NDArrayIndex.interval(0, hidden)));
    ActivationExport.write(
        graph, layer.act(), name + "_act", reduced, site.part(layer.block(), Part.ALPHA));
    String expanded =
        pointwise(
            site,
            name + "_expand",
            name + "_act",
            kernel.getRow(1).reshape('c', hidden, channels),
            bias == null ? null : bias.get(NDArrayIndex.interval(hidden, hidden + channels)));
    graph.add("Mul", name, List.of(site.input(), gate(graph, layer.gate(), name, expanded)));
  }

  private static String pointwise(
      LayerSite site, String name, String input, INDArray weights, INDArray bias) {
    List<String> inputs = new ArrayList<>();
    inputs.add(input);
    inputs.add(
        site.graph()
            .weights(
                name + "_kernel",
                LayerSite.values(weights.transpose()),
                weights.size(1),
                weights.size(0),
                1,
                1));
    if (bias != null) {
      inputs.add(site.graph().weights(name + "_bias", LayerSite.values(bias), bias.length()));
    }
    return site.graph().add("Conv", name, inputs);
  }

  private static String gate(OnnxGraph graph, Gate gate, String name, String input) {
    return switch (gate) {
      case SIGMOID -> graph.add("Sigmoid", name + "_gate", input);
      case HARD_SIGMOID -> hardSigmoid(graph, name, input, 1 / 6.0);
      case STEEP_HARD_SIGMOID -> hardSigmoid(graph, name, input, 0.2);
    };
  }

  private static String hardSigmoid(OnnxGraph graph, String name, String input, double slope) {
    return graph.add(
        "HardSigmoid",
        name + "_gate",
        input,
        Attributes.real("alpha", slope),
        Attributes.real("beta", 0.5));
  }
}
