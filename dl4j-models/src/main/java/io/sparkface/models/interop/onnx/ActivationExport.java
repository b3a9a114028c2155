package io.sparkface.models.interop.onnx;

import io.sparkface.models.kernels.Activation;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Activations over NCHW values. */
final class ActivationExport {
  private ActivationExport() {}

  /**
   * Appends an activation.
   *
   * @param name of the result
   * @param input value to apply it to
   * @param slopes what the activation learns, kind by kind, one per channel, else null
   */
  static void write(
      OnnxGraph graph, Activation activation, String name, String input, INDArray slopes) {
    switch (activation) {
      case NONE -> graph.add("Identity", name, input);
      case RELU -> graph.add("Relu", name, input);
      case RELU6 ->
          graph.add(
              "Clip",
              name,
              List.of(input, bound(graph, name + "_min", 0), bound(graph, name + "_max", 6)));
      case LEAKY_RELU ->
          graph.add("LeakyRelu", name, input, Attributes.real("alpha", Activation.LEAK));
      case PRELU ->
          graph.add(
              "PRelu", name, List.of(input, perChannel(graph, name + "_slope", slopes, 0, 1)));
      case SWISH ->
          graph.add("Mul", name, List.of(input, graph.add("Sigmoid", name + "_sigmoid", input)));
      case HARD_SWISH -> graph.add("HardSwish", name, input);
      case ACON_C -> aconC(graph, name, input, slopes);
    }
  }

  /** p1 x sigmoid(beta x) + p2 x. */
  private static void aconC(OnnxGraph graph, String name, String input, INDArray learnt) {
    String inner =
        graph.add(
            "Mul",
            name + "_inner",
            List.of(input, perChannel(graph, name + "_acon_beta", learnt, 2, 3)));
    String gated =
        graph.add(
            "Mul",
            name + "_gated",
            List.of(
                graph.add("Sigmoid", name + "_sigmoid", inner),
                perChannel(graph, name + "_p1", learnt, 0, 3)));
    String factor =
        graph.add(
            "Add", name + "_factor", List.of(gated, perChannel(graph, name + "_p2", learnt, 1, 3)));
    graph.add("Mul", name, List.of(input, factor));
  }

  /** The values of one kind of several that lie one behind the other. */
  private static String perChannel(
      OnnxGraph graph, String name, INDArray learnt, int kind, int kinds) {
    float[] all = LayerSite.values(learnt);
    int channels = all.length / kinds;
    return graph.weights(
        name, Arrays.copyOfRange(all, kind * channels, (kind + 1) * channels), channels, 1, 1);
  }

  private static String bound(OnnxGraph graph, String name, float value) {
    return graph.weights(name, new float[] {value});
  }
}
