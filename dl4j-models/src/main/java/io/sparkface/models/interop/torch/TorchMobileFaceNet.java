package io.sparkface.models.interop.torch;

import static io.sparkface.models.interop.onnx.Attributes.number;
import static io.sparkface.models.interop.onnx.Attributes.numbers;
import static io.sparkface.models.interop.onnx.Attributes.real;

import io.sparkface.base.UserError;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.onnx.OnnxGraph;
import io.sparkface.models.interop.onnx.OnnxModel;
import java.util.List;
import java.util.Map;

/**
 * arcface_torch's {@code mbf} and {@code mbf_large} as ONNX. Its MobileFaceNet pads symmetrically
 * and has other rows than Keras_insightface's, so that its weights fit no Sparkface network. Names:
 * {@code layers.I.layers…}, {@code conv_sep.layers…}, {@code features.layers.{0,2,3}}; in each
 * block {@code layers.0} is the convolution, {@code layers.1} the normalisation, {@code layers.2}
 * the PReLU. A row is a single block, a unit of three, or a list of units with a shortcut.
 */
public final class TorchMobileFaceNet {
  private static final double EPSILON = 1e-5;

  private final Map<String, Tensor> state;
  private final String where;
  private final OnnxGraph graph = new OnnxGraph("mobilefacenet");

  /** Of the value written last. */
  private long channels = 3;

  private TorchMobileFaceNet(Map<String, Tensor> state, String where) {
    this.state = state;
    this.where = where;
  }

  /** Whether the names are this network's. */
  public static boolean fits(Map<String, Tensor> state) {
    return state.containsKey("layers.0.layers.0.weight")
        && state.containsKey("conv_sep.layers.0.weight");
  }

  /**
   * Input {@code image} [batch, 3, 112, 112], output {@code embedding}.
   *
   * @throws UserError naming a weight that is missing or of another shape
   */
  public static OnnxModel of(Map<String, Tensor> state, String where) {
    return new TorchMobileFaceNet(state, where).model();
  }

  private OnnxModel model() {
    String value = block("layers.0", graph.input("image", OnnxGraph.BATCH, 3, 112, 112), 2, 1);
    for (int row = 1; has("layers." + row + ".layers.0"); row++) {
      String name = "layers." + row;
      if (state.containsKey(name + ".layers.0.weight")) {
        value = block(name, value, 1, 1);
      } else if (state.containsKey(name + ".layers.0.layers.0.weight")) {
        value = unit(name, value, 2);
      } else {
        for (int i = 0; has(name + ".layers." + i + ".layers.0"); i++) {
          String unit = name + ".layers." + i;
          value = graph.add("Add", unit, List.of(value, unit(unit, value, 1)));
        }
      }
    }
    value = block("conv_sep", value, 1, 0);
    value = block("features.layers.0", value, 1, 0);
    value = graph.add("Flatten", "flat", value, number("axis", 1));
    Tensor dense = tensor("features.layers.2.weight", 2);
    value =
        graph.add(
            "Gemm",
            "dense",
            List.of(value, weights("features.layers.2.weight", dense)),
            number("transB", 1));
    normalised("features.layers.3", value, "embedding", dense.shape()[0]);
    graph.output("embedding", OnnxGraph.BATCH, dense.shape()[0]);
    return graph.model();
  }

  private boolean has(String prefix) {
    return state.keySet().stream().anyMatch(name -> name.startsWith(prefix + "."));
  }

  private String unit(String name, String input, int stride) {
    String wide = block(name + ".layers.0", input, 1, 0);
    return block(name + ".layers.2", block(name + ".layers.1", wide, stride, 1), 1, 0);
  }

  /** Convolution, normalisation and, where the file has its slopes, PReLU. */
  private String block(String name, String input, int stride, int padding) {
    Tensor kernel = tensor(name + ".layers.0.weight", 4);
    String convolved =
        graph.add(
            "Conv",
            name + ".layers.0",
            List.of(input, weights(name + ".layers.0.weight", kernel)),
            numbers("kernel_shape", kernel.shape()[2], kernel.shape()[3]),
            numbers("strides", stride, stride),
            numbers("pads", padding, padding, padding, padding),
            number("group", groups(kernel)));
    channels = kernel.shape()[0];
    String result =
        normalised(name + ".layers.1", convolved, name + ".layers.1", kernel.shape()[0]);
    String slopes = name + ".layers.2.weight";
    if (!state.containsKey(slopes)) {
      return result;
    }
    Tensor slope = tensor(slopes, 1);
    requireLength(slopes, slope, channels);
    return graph.add(
        "PRelu",
        name + ".layers.2",
        List.of(result, weights(slopes, slope.reshaped(channels, 1, 1))));
  }

  private long groups(Tensor kernel) {
    long perGroup = kernel.shape()[1];
    if (perGroup < 1 || channels % perGroup != 0) {
      throw refused(
          "a convolution over " + channels + " channels has the kernel " + kernel.sizes());
    }
    return channels / perGroup;
  }

  private String normalised(String name, String input, String result, long length) {
    String[] inputs = new String[5];
    inputs[0] = input;
    List<String> parts = List.of("weight", "bias", "running_mean", "running_var");
    for (int i = 0; i < 4; i++) {
      String part = name + "." + parts.get(i);
      Tensor values = tensor(part, 1);
      requireLength(part, values, length);
      inputs[i + 1] = weights(part, values);
    }
    return graph.add("BatchNormalization", result, List.of(inputs), real("epsilon", EPSILON));
  }

  private String weights(String name, Tensor values) {
    return graph.weights(name, values.values(), values.shape());
  }

  private Tensor tensor(String name, int axes) {
    Tensor found = state.get(name);
    if (found == null) {
      throw refused("the weights '" + name + "' are missing");
    }
    if (found.shape().length != axes) {
      throw refused("the weights '" + name + "' are " + found.sizes());
    }
    return found;
  }

  private void requireLength(String name, Tensor values, long length) {
    if (values.values().length != length) {
      throw refused("the weights '" + name + "' are " + values.sizes() + ", wanted " + length);
    }
  }

  private UserError refused(String problem) {
    return new UserError(problem, where, "use a complete state dict of arcface_torch's mbf");
  }
}
