package io.sparkface.models.interop.onnx;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.ConvolutionShape;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Conv, BatchNormalization, activation, and Flatten where the layer is dense. */
final class ConvBnActExport implements LayerExport<ConvBnAct> {
  @Override
  public void write(ConvBnAct layer, LayerSite site) {
    ConvolutionShape shape = layer.shape(1, site.image().getHeight(), site.image().getWidth());
    OnnxGraph graph = site.graph();
    INDArray kernel = site.part(layer.block(), Part.KERNEL);
    Names names = new Names(site.name(), layer.normalised(), layer.act(), layer.flat());
    String weights =
        graph.weights(
            site.name() + "_kernel",
            // height, width, in, out to out, in, height, width
            LayerSite.values(kernel.permute(3, 2, 0, 1)),
            shape.out(),
            shape.in() / shape.groups(),
            shape.kernelHeight(),
            shape.kernelWidth());
    List<String> inputs = new ArrayList<>(List.of(site.input(), weights));
    INDArray bias = site.part(layer.block(), Part.BIAS);
    if (bias != null) {
      inputs.add(row(graph, site.name() + "_bias", bias, bias.length()));
    }
    graph.add(
        "Conv",
        names.convolution(),
        inputs,
        Attributes.numbers("kernel_shape", shape.kernelHeight(), shape.kernelWidth()),
        Attributes.numbers("strides", shape.stride(), shape.stride()),
        Attributes.numbers("pads", shape.top(), shape.left(), shape.bottom(), shape.right()),
        Attributes.number("group", shape.groups()));
    if (layer.normalised()) {
      normalisation(layer, site, names.convolution(), names.normalisation());
    }
    if (layer.act() != Activation.NONE) {
      ActivationExport.write(
          graph,
          layer.act(),
          names.activation(),
          names.normalisation(),
          site.part(layer.block(), Part.ALPHA));
    }
    if (layer.flat()) {
      graph.add("Flatten", site.name(), names.activation(), Attributes.number("axis", 1));
    }
  }

  static void normalisation(BlockLayer layer, LayerSite site, String input, String result) {
    INDArray scaleShift = site.part(layer.block(), Part.SCALE_SHIFT);
    INDArray shift = site.part(layer.block(), Part.SHIFT);
    INDArray statistics = site.part(layer.block(), Part.STATISTICS);
    long channels = statistics.size(1);
    INDArray gamma = scaleShift == null ? Nd4j.ones(channels) : scaleShift.getRow(0);
    INDArray beta = scaleShift == null ? shift : scaleShift.getRow(1);
    OnnxGraph graph = site.graph();
    graph.add(
        "BatchNormalization",
        result,
        List.of(
            input,
            row(graph, site.name() + "_gamma", gamma, channels),
            row(graph, site.name() + "_beta", beta, channels),
            row(graph, site.name() + "_mean", statistics.getRow(0), channels),
            row(graph, site.name() + "_variance", statistics.getRow(1), channels)),
        Attributes.real("epsilon", layer.epsilon()));
  }

  private static String row(OnnxGraph graph, String name, INDArray values, long channels) {
    return graph.weights(name, LayerSite.values(values), channels);
  }

  /** What each step's result is called: the last one bears the layer's name. */
  private record Names(String layer, boolean normalised, Activation act, boolean flat) {
    String activation() {
      return flat ? layer + "_map" : layer;
    }

    String normalisation() {
      return act == Activation.NONE ? activation() : layer + "_bn";
    }

    String convolution() {
      return normalised ? layer + "_conv" : normalisation();
    }
  }
}
