package io.sparkface.models.interop.keras;

import static io.sparkface.models.interop.onnx.Attributes.number;
import static io.sparkface.models.interop.onnx.Attributes.numbers;
import static io.sparkface.models.interop.onnx.Attributes.real;
import static io.sparkface.models.interop.onnx.Attributes.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.keras.KerasModel.Layer;
import io.sparkface.models.interop.keras.KerasModel.Value;
import io.sparkface.models.interop.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import onnx.OnnxMl.AttributeProto;

/** One Keras layer as ONNX nodes, as it answers after training. */
final class KerasLayer {
  private final KerasModel model;
  private final Layer layer;
  private final JsonNode config;
  private final OnnxGraph graph;

  KerasLayer(KerasModel model, Layer layer) {
    this.model = model;
    this.layer = layer;
    this.config = layer.config();
    this.graph = model.graph();
  }

  /** Appends the layer's nodes and returns its result. */
  Value write() {
    return switch (layer.kind()) {
      case "Conv2D" -> convolution();
      case "DepthwiseConv2D" -> depthwise();
      case "SeparableConv2D" -> separable();
      case "Dense" -> dense();
      case "BatchNormalization", "SyncBatchNormalization" -> batchNorm();
      case "Activation" -> activated(only(), config.path("activation"));
      case "ReLU" -> relu();
      case "LeakyReLU" ->
          same(
              "LeakyRelu",
              only(),
              real(
                  "alpha",
                  config.path("negative_slope").asDouble(config.path("alpha").asDouble(0.3))));
      case "ELU" -> same("Elu", only(), real("alpha", config.path("alpha").asDouble(1)));
      case "Softmax" -> softmax(only());
      case "PReLU" -> prelu();
      case "Add" -> elementwise("Add");
      case "Subtract" -> elementwise("Sub");
      case "Multiply" -> elementwise("Mul");
      case "Average" -> elementwise("Mean");
      case "Maximum" -> elementwise("Max");
      case "Minimum" -> elementwise("Min");
      case "Concatenate" -> concatenate();
      case "GlobalAveragePooling2D" -> globalPool("GlobalAveragePool");
      case "GlobalMaxPooling2D" -> globalPool("GlobalMaxPool");
      case "MaxPooling2D" -> pool("MaxPool");
      case "AveragePooling2D" -> pool("AveragePool");
      case "ZeroPadding2D" -> bordered("padding", 1);
      case "Cropping2D" -> bordered("cropping", -1);
      case "Flatten" -> flatten();
      case "Reshape" -> reshape();
      case "Rescaling" -> rescaling();
      case "Normalization" -> normalization();
      case "InputLayer",
          "Functional",
          "Model",
          "Sequential",
          "Dropout",
          "SpatialDropout2D",
          "GaussianDropout",
          "GaussianNoise",
          "AlphaDropout",
          "ActivityRegularization" ->
          same("Identity", only());
      default -> throw layer.refused("is of a kind that is not translated");
    };
  }

  private Value only() {
    List<Value> inputs = model.inputs(layer);
    if (inputs.size() != 1) {
      throw layer.refused("takes " + inputs.size() + " values");
    }
    return inputs.get(0);
  }

  /** The input, of which a picture's four axes are wanted. */
  private Value picture() {
    Value input = only();
    if (input.axes() != 4) {
      throw layer.refused("takes a value of " + input.axes() + " axes and needs a picture");
    }
    if (!config.path("data_format").asText("channels_last").equals("channels_last")) {
      throw layer.setting("data_format");
    }
    return input;
  }

  /** A name for a value of this layer. */
  private String name(String step) {
    return graph.free(step.isEmpty() ? layer.name() : layer.name() + "_" + step);
  }

  private String constant(String part, Tensor values) {
    return graph.weights(name(part), values.values(), values.shape());
  }

  private String constant(String part, double value) {
    return graph.scalar(name(part), value);
  }

  private Value same(String operator, Value input, AttributeProto... attributes) {
    return new Value(
        graph.add(operator, name(""), input.name(), attributes), input.axes(), input.channels());
  }

  private long[] pair(String key, long otherwise) {
    JsonNode value = config.path(key);
    long[] pair = {otherwise, otherwise};
    if (value.isInt()) {
      Arrays.fill(pair, value.asLong());
    } else if (value.size() == 2) {
      pair[0] = value.get(0).asLong(-1);
      pair[1] = value.get(1).asLong(-1);
    } else if (!value.isMissingNode() && !value.isNull()) {
      throw layer.setting(key);
    }
    if (pair[0] < 1 || pair[1] < 1) {
      throw layer.setting(key);
    }
    return pair;
  }

  private AttributeProto padding() {
    return switch (config.path("padding").asText("valid")) {
      case "valid" -> text("auto_pad", "VALID");
      case "same" -> text("auto_pad", "SAME_UPPER");
      default -> throw layer.setting("padding");
    };
  }

  private boolean flag(String key, boolean otherwise) {
    return config.path(key).asBoolean(otherwise);
  }

  private Value convolution() {
    Value input = picture();
    long groups = config.path("groups").asLong(1);
    long[] kernel = pair("kernel_size", 1);
    if (groups < 1 || input.channels() > 0 && input.channels() % groups != 0) {
      throw layer.setting("groups");
    }
    Tensor weights =
        model.weights(
            layer,
            "kernel",
            kernel[0],
            kernel[1],
            input.channels() < 0 ? -1 : input.channels() / groups,
            config.path("filters").asLong(-1));
    return withBiasAndActivation(
        convolved(input, weights.permuted(3, 2, 0, 1), groups, pair("strides", 1)));
  }

  private Value depthwise() {
    Value input = picture();
    String part = model.has(layer, "depthwise_kernel") ? "depthwise_kernel" : "kernel";
    return withBiasAndActivation(depthwise(input, part, pair("strides", 1)));
  }

  private Value separable() {
    Value between = depthwise(picture(), "depthwise_kernel", pair("strides", 1));
    Tensor pointwise =
        model.weights(
            layer, "pointwise_kernel", 1, 1, between.channels(), config.path("filters").asLong(-1));
    return withBiasAndActivation(
        convolved(between, pointwise.permuted(3, 2, 0, 1), 1, new long[] {1, 1}));
  }

  private Value depthwise(Value input, String part, long[] strides) {
    long[] kernel = pair("kernel_size", 1);
    Tensor weights = model.weights(layer, part, kernel[0], kernel[1], input.channels(), -1);
    long in = weights.shape()[2];
    Tensor turned = weights.permuted(2, 3, 0, 1);
    return convolved(
        input, turned.reshaped(in * weights.shape()[3], 1, kernel[0], kernel[1]), in, strides);
  }

  /** A convolution without its bias. */
  private Value convolved(Value input, Tensor kernel, long groups, long[] strides) {
    boolean pointwise = kernel.shape()[2] == 1 && kernel.shape()[3] == 1;
    String result =
        graph.add(
            "Conv",
            name("conv"),
            List.of(input.name(), constant("kernel", kernel)),
            numbers("kernel_shape", kernel.shape()[2], kernel.shape()[3]),
            numbers("strides", strides),
            numbers("dilations", pointwise ? new long[] {1, 1} : pair("dilation_rate", 1)),
            padding(),
            number("group", groups));
    return new Value(result, 4, kernel.shape()[0]);
  }

  private Value withBiasAndActivation(Value value) {
    Value biased = value;
    if (flag("use_bias", true)) {
      Tensor bias = model.weights(layer, "bias", value.channels());
      String shaped =
          constant("bias", value.axes() == 4 ? bias.reshaped(bias.shape()[0], 1, 1) : bias);
      biased =
          new Value(
              graph.add("Add", name("biased"), List.of(value.name(), shaped)),
              value.axes(),
              value.channels());
    }
    return activated(biased, config.path("activation"));
  }

  /** Over the last axis, as Keras has it. */
  private Value dense() {
    Value input = only();
    Tensor kernel =
        model.weights(layer, "kernel", input.channels(), config.path("units").asLong(-1));
    Value last = channelsLast(input);
    String product =
        graph.add("MatMul", name("product"), List.of(last.name(), constant("kernel", kernel)));
    Value result = new Value(product, input.axes(), kernel.shape()[1]);
    return withBiasAndActivation(input.axes() == 4 ? channelsFirst(result) : result);
  }

  private Value channelsLast(Value value) {
    return value.axes() != 4
        ? value
        : new Value(
            graph.add("Transpose", name("nhwc"), value.name(), numbers("perm", 0, 2, 3, 1)),
            4,
            value.channels());
  }

  private Value channelsFirst(Value value) {
    return new Value(
        graph.add("Transpose", name("nchw"), value.name(), numbers("perm", 0, 3, 1, 2)),
        4,
        value.channels());
  }

  private Value batchNorm() {
    Value input = only();
    JsonNode axis =
        config.path("axis").isArray() ? config.path("axis").path(0) : config.path("axis");
    int last = input.axes() - 1;
    if (axis.asInt(-1) != -1 && axis.asInt() != last
        || config.path("axis").isArray() && config.path("axis").size() != 1) {
      throw layer.setting("axis");
    }
    Tensor mean = model.weights(layer, "moving_mean", input.channels());
    long channels = mean.shape()[0];
    Tensor variance = model.weights(layer, "moving_variance", channels);
    float[] ones = new float[(int) channels];
    Arrays.fill(ones, 1);
    Tensor gamma =
        flag("scale", true)
            ? model.weights(layer, "gamma", channels)
            : new Tensor(mean.shape(), ones);
    Tensor beta =
        flag("center", true)
            ? model.weights(layer, "beta", channels)
            : new Tensor(mean.shape(), new float[(int) channels]);
    String result =
        graph.add(
            "BatchNormalization",
            name(""),
            List.of(
                input.name(),
                constant("gamma", gamma),
                constant("beta", beta),
                constant("mean", mean),
                constant("variance", variance)),
            real("epsilon", config.path("epsilon").asDouble(1e-3)));
    return new Value(result, input.axes(), channels);
  }

  private Value activated(Value input, JsonNode activation) {
    String function = activation.asText("linear");
    return switch (activation.isTextual() || activation.isNull() || activation.isMissingNode()
        ? function
        : activation.toString()) {
      case "linear", "null", "" -> same("Identity", input);
      case "relu" -> same("Relu", input);
      case "relu6" -> clipped(input, 0, 6);
      case "sigmoid" -> same("Sigmoid", input);
      case "tanh" -> same("Tanh", input);
      case "softplus" -> same("Softplus", input);
      case "softsign" -> same("Softsign", input);
      case "elu" -> same("Elu", input);
      case "selu" -> same("Selu", input);
      case "exponential" -> same("Exp", input);
      case "softmax" -> softmax(input);
      case "swish", "silu" -> product(input, same("Sigmoid", input));
      // Keras 3 took over PyTorch's slopes
      case "hard_sigmoid" -> hardSigmoid(input, model.majorVersion() >= 3 ? 1 / 6.0 : 0.2);
      case "hard_swish", "hard_silu" -> product(input, hardSigmoid(input, 1 / 6.0));
      default ->
          throw layer.refused("has the activation " + activation + ", which is not translated");
    };
  }

  private Value hardSigmoid(Value input, double slope) {
    return same("HardSigmoid", input, real("alpha", slope), real("beta", 0.5));
  }

  private Value product(Value a, Value b) {
    return new Value(
        graph.add("Mul", name("product"), List.of(a.name(), b.name())), a.axes(), a.channels());
  }

  private Value clipped(Value input, double least, double most) {
    return new Value(
        graph.add(
            "Clip",
            name("clipped"),
            List.of(input.name(), constant("min", least), constant("max", most))),
        input.axes(),
        input.channels());
  }

  private Value relu() {
    if (config.path("threshold").asDouble(0) != 0) {
      throw layer.setting("threshold");
    }
    double slope = config.path("negative_slope").asDouble(0);
    JsonNode most = config.path("max_value");
    boolean bounded = !most.isNull() && !most.isMissingNode();
    if (slope != 0 && bounded) {
      throw layer.setting("negative_slope");
    }
    if (bounded) {
      return clipped(only(), 0, most.asDouble());
    }
    return slope == 0 ? same("Relu", only()) : same("LeakyRelu", only(), real("alpha", slope));
  }

  private Value softmax(Value input) {
    JsonNode axis = config.path("axis");
    if (!axis.isMissingNode() && axis.asInt(-1) != -1 && axis.asInt() != input.axes() - 1) {
      throw layer.setting("axis");
    }
    return same("Softmax", input, number("axis", 1));
  }

  private Value prelu() {
    Value input = only();
    Tensor alpha =
        input.axes() == 4
            ? model.weights(layer, "alpha", -1, -1, input.channels()).permuted(2, 0, 1)
            : model.weights(layer, "alpha", input.channels());
    return new Value(
        graph.add("PRelu", name(""), List.of(input.name(), constant("slope", alpha))),
        input.axes(),
        input.channels());
  }

  private List<Value> several() {
    List<Value> inputs = model.inputs(layer);
    if (inputs.size() < 2
        || inputs.stream().anyMatch(value -> value.axes() != inputs.get(0).axes())) {
      throw layer.refused("takes " + inputs.size() + " values, or values of different axes");
    }
    return inputs;
  }

  private Value elementwise(String operator) {
    List<Value> inputs = several();
    Value result = inputs.get(0);
    for (Value next : inputs.subList(1, inputs.size())) {
      long channels = Math.max(result.channels(), next.channels());
      if (operator.equals("Mean")) {
        return new Value(
            graph.add(operator, name(""), inputs.stream().map(Value::name).toList()),
            result.axes(),
            channels);
      }
      result =
          new Value(
              graph.add(operator, name(""), List.of(result.name(), next.name())),
              result.axes(),
              channels);
    }
    return result;
  }

  private Value concatenate() {
    List<Value> inputs = several();
    int axes = inputs.get(0).axes();
    int axis = config.path("axis").asInt(-1);
    axis = axis < 0 ? axis + axes : axis;
    if (axis < 1 || axis >= axes) {
      throw layer.setting("axis");
    }
    boolean ofChannels = axis == axes - 1;
    boolean known = inputs.stream().allMatch(value -> value.channels() > 0);
    String result =
        graph.add(
            "Concat",
            name(""),
            inputs.stream().map(Value::name).toList(),
            number("axis", ofChannels ? 1 : axis + 1));
    long channels =
        !ofChannels
            ? inputs.get(0).channels()
            : known ? inputs.stream().mapToLong(Value::channels).sum() : -1;
    return new Value(result, axes, channels);
  }

  private Value globalPool(String operator) {
    Value pooled = same(operator, picture());
    return flag("keepdims", false)
        ? pooled
        : new Value(
            graph.add("Flatten", name("flat"), pooled.name(), number("axis", 1)),
            2,
            pooled.channels());
  }

  private Value pool(String operator) {
    long[] window = pair("pool_size", 2);
    JsonNode strides = config.path("strides");
    return same(
        operator,
        picture(),
        numbers("kernel_shape", window),
        numbers("strides", strides.isNull() ? window : pair("strides", 1)),
        padding());
  }

  private Value bordered(String key, int sign) {
    Value input = picture();
    JsonNode sizes = config.path(key);
    long[] pads = new long[8];
    for (int side = 0; side < 2; side++) {
      JsonNode both = sizes.path(side);
      if (both.size() != 2 || both.get(0).asInt(-1) < 0 || both.get(1).asInt(-1) < 0) {
        throw layer.setting(key);
      }
      pads[2 + side] = sign * both.get(0).asLong();
      pads[6 + side] = sign * both.get(1).asLong();
    }
    return new Value(
        graph.add("Pad", name(""), List.of(input.name(), graph.numbers(name("pads"), pads))),
        4,
        input.channels());
  }

  private Value flatten() {
    Value input = only();
    return new Value(
        graph.add("Flatten", name(""), channelsLast(input).name(), number("axis", 1)),
        2,
        input.axes() == 2 ? input.channels() : -1);
  }

  private Value reshape() {
    JsonNode target = config.path("target_shape");
    long[] shape = new long[target.size() + 1];
    for (int i = 0; i < target.size(); i++) {
      shape[i + 1] = target.get(i).asLong();
      if (shape[i + 1] < -1 || shape[i + 1] == 0) {
        throw layer.setting("target_shape");
      }
    }
    if (shape.length != 2 && shape.length != 4) {
      throw layer.setting("target_shape");
    }
    String shaped =
        graph.add(
            "Reshape",
            name("reshaped"),
            List.of(channelsLast(only()).name(), graph.numbers(name("shape"), shape)));
    Value result = new Value(shaped, shape.length, shape[shape.length - 1]);
    return shape.length == 4 ? channelsFirst(result) : result;
  }

  private Value rescaling() {
    Value input = only();
    String scaled =
        graph.add(
            "Mul",
            name("scaled"),
            List.of(input.name(), constant("scale", perChannel("scale", 1, input))));
    String moved =
        graph.add(
            "Add", name(""), List.of(scaled, constant("offset", perChannel("offset", 0, input))));
    return new Value(moved, input.axes(), input.channels());
  }

  private Tensor perChannel(String key, double otherwise, Value input) {
    JsonNode value = config.path(key);
    if (!value.isArray()) {
      return new Tensor(new long[] {1}, new float[] {(float) value.asDouble(otherwise)});
    }
    float[] values = new float[value.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) value.get(i).asDouble();
    }
    return spread(new Tensor(new long[] {values.length}, values), input, key);
  }

  private Tensor spread(Tensor values, Value input, String key) {
    if (values.values().length != input.channels() && values.values().length != 1) {
      throw layer.setting(key);
    }
    int count = values.values().length;
    return input.axes() == 4 ? values.reshaped(count, 1, 1) : values.reshaped(count);
  }

  /** (x - mean) / max(sqrt(variance), 1e-7). */
  private Value normalization() {
    Value input = only();
    List<Tensor> statistics = new ArrayList<>();
    for (String part : List.of("mean", "variance")) {
      statistics.add(
          model.has(layer, part)
              ? spread(model.weights(layer, part, -1), input, part)
              : perChannel(part, Double.NaN, input));
    }
    Tensor variance = statistics.get(1);
    float[] deviation = variance.values().clone();
    for (int i = 0; i < deviation.length; i++) {
      deviation[i] = (float) Math.max(Math.sqrt(deviation[i]), 1e-7);
    }
    String centred =
        graph.add(
            "Sub", name("centred"), List.of(input.name(), constant("mean", statistics.get(0))));
    return new Value(
        graph.add(
            "Div",
            name(""),
            List.of(centred, constant("deviation", new Tensor(variance.shape(), deviation)))),
        input.axes(),
        input.channels());
  }
}
