package io.sparkface.models.interop.onnx;

import io.sparkface.base.UserError;
import io.sparkface.models.kernels.Activation;
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
   * @param slopes of a PReLU, one per channel, else null
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
      case PRELU ->
          graph.add(
              "PRelu",
              name,
              List.of(
                  input,
                  graph.weights(name + "_slope", LayerSite.values(slopes), slopes.length(), 1, 1)));
      case SWISH ->
          graph.add("Mul", name, List.of(input, graph.add("Sigmoid", name + "_sigmoid", input)));
      default ->
          throw new UserError(
              "the activation " + activation + " cannot be written as ONNX",
              "layer '" + name + "'",
              "export a network with another activation");
    }
  }

  private static String bound(OnnxGraph graph, String name, float value) {
    return graph.weights(name, new float[] {value});
  }
}
