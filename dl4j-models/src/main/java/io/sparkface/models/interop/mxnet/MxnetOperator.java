package io.sparkface.models.interop.mxnet;

import static io.sparkface.models.interop.onnx.Attributes.number;
import static io.sparkface.models.interop.onnx.Attributes.numbers;
import static io.sparkface.models.interop.onnx.Attributes.real;

import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.mxnet.MxnetModel.Value;
import io.sparkface.models.interop.mxnet.Symbol.Node;
import io.sparkface.models.interop.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import onnx.OnnxMl.AttributeProto;

/**
 * One operator as ONNX nodes, with MXNet's defaults for what a file does not say. What cannot be
 * said exactly is refused.
 */
final class MxnetOperator {
  /** Operators that take one value, have nothing to say, and their ONNX names. */
  private static final Map<String, String> PLAIN =
      Map.of(
          "relu", "Relu",
          "sigmoid", "Sigmoid",
          "tanh", "Tanh",
          "softrelu", "Softplus",
          "softsign", "Softsign",
          "exp", "Exp",
          "sqrt", "Sqrt",
          "abs", "Abs",
          "negative", "Neg");

  private final MxnetModel model;
  private final Node node;
  private final OnnxGraph graph;
  private final String name;

  MxnetOperator(MxnetModel model, Node node) {
    this.model = model;
    this.node = node;
    this.graph = model.graph();
    this.name = graph.free(node.name());
  }

  /** Appends the operator's nodes and returns its result. */
  Value write() {
    return switch (node.op()) {
      case "Convolution" -> convolution();
      case "FullyConnected" -> fullyConnected();
      case "BatchNorm", "BatchNorm_v1", "CuDNNBatchNorm" -> batchNorm();
      case "Activation" -> activation(node.text("act_type", ""));
      case "LeakyReLU" -> leaky();
      case "Pooling", "Pooling_v1" -> pooling();
      case "Flatten", "flatten" -> flatten();
      case "Dropout", "identity", "_copy", "BlockGrad", "stop_gradient", "make_loss", "amp_cast" ->
          same("Identity");
      case "_plus_scalar", "_PlusScalar" -> scalar("Add");
      case "_minus_scalar", "_MinusScalar" -> scalar("Sub");
      case "_mul_scalar", "_MulScalar" -> scalar("Mul");
      case "_div_scalar", "_DivScalar" -> scalar("Div");
      case "_power_scalar", "_PowerScalar" -> scalar("Pow");
      case "_rminus_scalar", "_RMinusScalar" -> scalarFirst("Sub");
      case "_rdiv_scalar", "_RDivScalar" -> scalarFirst("Div");
      case "elemwise_add", "_plus", "_Plus", "_add", "broadcast_add", "broadcast_plus" ->
          elementwise("Add");
      case "elemwise_sub", "_minus", "_Minus", "broadcast_sub", "broadcast_minus" ->
          elementwise("Sub");
      case "elemwise_mul", "_mul", "_Mul", "broadcast_mul" -> elementwise("Mul");
      case "elemwise_div", "_div", "_Div", "broadcast_div" -> elementwise("Div");
      case "add_n", "ElementWiseSum" -> elementwise("Sum");
      case "Concat", "concat" -> concat();
      case "clip" -> clip();
      case "L2Normalization" -> unitLength();
      case "Reshape", "reshape" -> reshape();
      case "SoftmaxOutput", "Softmax", "SoftmaxActivation", "softmax" -> softmax();
      default -> {
        if (PLAIN.containsKey(node.op())) {
          yield activation(node.op());
        }
        throw node.refused("is of a kind that is not translated");
      }
    };
  }

  private Value input() {
    return model.value(node, 0);
  }

  /** The input, of which a picture's four axes are wanted. */
  private Value picture() {
    Value input = input();
    if (input.axes() != 4) {
      throw node.refused("takes a value of " + input.axes() + " axes and needs a picture");
    }
    return input;
  }

  private String weights(String part, Tensor values) {
    return graph.weights(graph.free(node.name() + "_" + part), values.values(), values.shape());
  }

  private Value same(String operator, AttributeProto... attributes) {
    Value input = input();
    graph.add(operator, name, input.name(), attributes);
    return new Value(name, input.axes(), input.channels());
  }

  private Value convolution() {
    Value input = picture();
    String layout = node.text("layout", "None");
    if (!layout.equals("None") && !layout.equals("NCHW")) {
      throw node.wrong("layout", layout);
    }
    long[] kernel = node.pair("kernel", 1);
    long[] pad = node.pair("pad", 0);
    int filters = node.number("num_filter", -1);
    int groups = node.number("num_group", 1);
    if (groups < 1 || filters % groups != 0) {
      throw node.wrong("num_group", node.text("num_group", ""));
    }
    long perGroup = input.channels() < 0 ? -1 : input.channels() / groups;
    List<String> inputs = new ArrayList<>();
    inputs.add(input.name());
    inputs.add(weights("kernel", model.weights(node, 1, filters, perGroup, kernel[0], kernel[1])));
    if (!node.flag("no_bias", false)) {
      inputs.add(weights("bias", model.weights(node, 2, filters)));
    }
    graph.add(
        "Conv",
        name,
        inputs,
        numbers("kernel_shape", kernel),
        numbers("strides", node.pair("stride", 1)),
        numbers("dilations", node.pair("dilate", 1)),
        numbers("pads", pad[0], pad[1], pad[0], pad[1]),
        number("group", groups));
    return new Value(name, 4, filters);
  }

  private Value fullyConnected() {
    Value input = input();
    if (!node.flag("flatten", true) && input.axes() != 2) {
      throw node.wrong("flatten", "False");
    }
    String flat = input.name();
    if (input.axes() != 2) {
      flat = graph.add("Flatten", graph.free(node.name() + "_flat"), flat, number("axis", 1));
    }
    int hidden = node.number("num_hidden", -1);
    long in = input.axes() == 2 ? input.channels() : -1;
    List<String> inputs = new ArrayList<>();
    inputs.add(flat);
    inputs.add(weights("weight", model.weights(node, 1, hidden, in)));
    if (!node.flag("no_bias", false)) {
      inputs.add(weights("bias", model.weights(node, 2, hidden)));
    }
    graph.add("Gemm", name, inputs, number("transB", 1));
    return new Value(name, 2, hidden);
  }

  /** With fix_gamma, MXNet's default, gamma counts as 1 whatever the file holds. */
  private Value batchNorm() {
    Value input = input();
    if (node.number("axis", 1) != 1) {
      throw node.wrong("axis", node.text("axis", ""));
    }
    Tensor gamma = model.weights(node, 1, input.channels());
    if (node.flag("fix_gamma", true)) {
      float[] ones = new float[gamma.values().length];
      Arrays.fill(ones, 1);
      gamma = new Tensor(gamma.shape(), ones);
    }
    long channels = gamma.values().length;
    graph.add(
        "BatchNormalization",
        name,
        List.of(
            input.name(),
            weights("gamma", gamma),
            weights("beta", model.weights(node, 2, channels)),
            weights("mean", model.statistics(node, 3, "_moving_mean", channels)),
            weights("variance", model.statistics(node, 4, "_moving_var", channels))),
        real("epsilon", node.real("eps", 1e-3)));
    return new Value(name, input.axes(), channels);
  }

  private Value activation(String kind) {
    if (!PLAIN.containsKey(kind)) {
      throw node.wrong("act_type", kind);
    }
    return same(PLAIN.get(kind));
  }

  private Value leaky() {
    double slope = node.real("slope", 0.25);
    return switch (node.text("act_type", "leaky")) {
      case "leaky" -> same("LeakyRelu", real("alpha", slope));
      case "elu" -> same("Elu", real("alpha", slope));
      case "selu" -> same("Selu");
      // a network in use takes the mean of the slopes drawn in training
      case "rrelu" ->
          same(
              "LeakyRelu",
              real(
                  "alpha",
                  (node.real("lower_bound", 0.125) + node.real("upper_bound", 0.334)) / 2));
      case "prelu" -> prelu();
      default -> throw node.wrong("act_type", node.text("act_type", ""));
    };
  }

  private Value prelu() {
    Value input = input();
    Tensor slopes = model.weights(node, 1, -1);
    int count = slopes.values().length;
    if (count != 1 && input.channels() > 0 && count != input.channels()) {
      slopes = model.weights(node, 1, input.channels());
    }
    long[] shape = new long[Math.max(input.axes() - 1, 1)];
    Arrays.fill(shape, 1);
    shape[0] = count;
    graph.add("PRelu", name, List.of(input.name(), weights("slope", slopes.reshaped(shape))));
    return new Value(name, input.axes(), input.channels());
  }

  private Value pooling() {
    Value input = picture();
    String kind = node.text("pool_type", "max");
    if (!kind.equals("max") && !kind.equals("avg")) {
      throw node.wrong("pool_type", kind);
    }
    boolean max = kind.equals("max");
    if (node.flag("global_pool", false)) {
      graph.add(max ? "GlobalMaxPool" : "GlobalAveragePool", name, input.name());
      return new Value(name, 4, input.channels());
    }
    long[] kernel = node.pair("kernel", 1);
    long[] pad = node.pair("pad", 0);
    long[] stride = node.pair("stride", 1);
    boolean full =
        switch (node.text("pooling_convention", "valid")) {
          case "valid" -> false;
          case "full" -> true;
          default -> throw node.wrong("pooling_convention", node.text("pooling_convention", ""));
        };
    // ONNX drops windows that begin behind the picture, and divides the cut ones by another count
    if (full && (!max || pad[0] + pad[1] > 0 || stride[0] > kernel[0] || stride[1] > kernel[1])) {
      throw node.wrong("pooling_convention", "full with padding, a long stride or a mean");
    }
    List<AttributeProto> attributes =
        new ArrayList<>(
            List.of(
                numbers("kernel_shape", kernel),
                numbers("strides", stride),
                numbers("pads", pad[0], pad[1], pad[0], pad[1]),
                number("ceil_mode", full ? 1 : 0)));
    if (!max) {
      attributes.add(number("count_include_pad", node.flag("count_include_pad", true) ? 1 : 0));
    }
    graph.add(
        max ? "MaxPool" : "AveragePool",
        name,
        input.name(),
        attributes.toArray(AttributeProto[]::new));
    return new Value(name, 4, input.channels());
  }

  private Value flatten() {
    Value input = input();
    graph.add("Flatten", name, input.name(), number("axis", 1));
    return new Value(name, 2, input.axes() == 2 ? input.channels() : -1);
  }

  private Value scalar(String operator) {
    return withScalar(operator, false);
  }

  private Value scalarFirst(String operator) {
    return withScalar(operator, true);
  }

  private Value withScalar(String operator, boolean first) {
    Value input = input();
    if (!node.attributes().containsKey("scalar")) {
      throw node.refused("has no scalar");
    }
    String scalar =
        graph.scalar(graph.free(node.name() + "_scalar"), node.real("scalar", Double.NaN));
    graph.add(
        operator, name, first ? List.of(scalar, input.name()) : List.of(input.name(), scalar));
    return new Value(name, input.axes(), input.channels());
  }

  private Value elementwise(String operator) {
    List<Value> inputs = model.all(node);
    if (inputs.size() < 2) {
      throw node.refused("has only " + inputs.size() + " inputs");
    }
    graph.add(operator, name, inputs.stream().map(Value::name).toList());
    Value first = inputs.get(0);
    long channels = inputs.stream().mapToLong(Value::channels).max().orElse(-1);
    return new Value(name, first.axes(), channels);
  }

  private Value concat() {
    List<Value> inputs = model.all(node);
    int axis = node.number("dim", 1);
    if (inputs.isEmpty() || axis < 1 || axis >= inputs.get(0).axes()) {
      throw node.wrong("dim", node.text("dim", "1"));
    }
    graph.add("Concat", name, inputs.stream().map(Value::name).toList(), number("axis", axis));
    boolean known = inputs.stream().allMatch(value -> value.channels() > 0);
    long channels = !known ? -1 : inputs.stream().mapToLong(Value::channels).sum();
    return new Value(name, inputs.get(0).axes(), axis == 1 ? channels : inputs.get(0).channels());
  }

  private Value clip() {
    Value input = input();
    String least = graph.scalar(graph.free(node.name() + "_min"), node.real("a_min", Double.NaN));
    String most = graph.scalar(graph.free(node.name() + "_max"), node.real("a_max", Double.NaN));
    graph.add("Clip", name, List.of(input.name(), least, most));
    return new Value(name, input.axes(), input.channels());
  }

  /** x / sqrt(sum(x^2) + eps) over everything of one picture. */
  private Value unitLength() {
    Value input = input();
    String mode = node.text("mode", "instance");
    if (!mode.equals("instance") || input.axes() != 2) {
      throw node.wrong("mode", mode);
    }
    String square =
        graph.add(
            "ReduceSumSquare",
            graph.free(node.name() + "_square"),
            List.of(input.name(), graph.numbers(graph.free(node.name() + "_axis"), 1)),
            number("keepdims", 1));
    String floor =
        graph.add(
            "Add",
            graph.free(node.name() + "_floor"),
            List.of(
                square, graph.scalar(graph.free(node.name() + "_eps"), node.real("eps", 1e-10))));
    String norm = graph.add("Sqrt", graph.free(node.name() + "_norm"), floor);
    graph.add("Div", name, List.of(input.name(), norm));
    return new Value(name, 2, input.channels());
  }

  private Value reshape() {
    long[] shape = node.numbers("shape");
    if (shape == null
        || shape.length < 2
        || (shape[0] != 0 && shape[0] != -1)
        || Arrays.stream(shape).anyMatch(size -> size < -1)
        || node.flag("reverse", false)) {
      throw node.wrong("shape", node.text("shape", ""));
    }
    graph.add(
        "Reshape",
        name,
        List.of(input().name(), graph.numbers(graph.free(node.name() + "_shape"), shape)));
    return new Value(name, shape.length, shape[1] > 0 ? shape[1] : -1);
  }

  /** Over the channels of a picture, or over all numbers of one example. */
  private Value softmax() {
    boolean channels =
        node.text("mode", "instance").equals("channel") || node.flag("multi_output", false);
    int axis = node.op().equals("softmax") ? node.number("axis", -1) : 1;
    if (!channels && input().axes() != 2) {
      throw node.refused("is over a value of " + input().axes() + " axes");
    }
    if (!node.text("temperature", "None").equals("None")) {
      throw node.wrong("temperature", node.text("temperature", ""));
    }
    return same("Softmax", number("axis", axis));
  }
}
