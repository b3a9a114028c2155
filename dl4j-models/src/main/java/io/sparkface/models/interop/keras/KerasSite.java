package io.sparkface.models.interop.keras;

import static io.sparkface.models.interop.onnx.Attributes.numbers;
import static io.sparkface.models.interop.onnx.Attributes.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.base.UserError;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.keras.KerasModel.Layer;
import io.sparkface.models.interop.keras.KerasModel.Value;
import io.sparkface.models.interop.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.List;
import onnx.OnnxMl.AttributeProto;

/** A layer where it is written: what it takes, its settings and weights, and the ONNX graph. */
record KerasSite(KerasModel model, Layer layer) {

  JsonNode config() {
    return layer.config();
  }

  OnnxGraph graph() {
    return model.graph();
  }

  /** Of the Keras that saved the model. */
  int majorVersion() {
    return model.majorVersion();
  }

  List<Value> inputs() {
    return model.inputs(layer);
  }

  /** The layer's array; -1 in the shape fits any size. */
  Tensor weights(String part, long... shape) {
    return model.weights(layer, part, shape);
  }

  /** Whether the layer has an array. */
  boolean has(String part) {
    return model.has(layer, part);
  }

  UserError refused(String why) {
    return layer.refused(why);
  }

  UserError setting(String key) {
    return layer.setting(key);
  }

  /** What the layer takes, which is one value. */
  Value only() {
    List<Value> inputs = inputs();
    if (inputs.size() != 1) {
      throw refused("takes " + inputs.size() + " values");
    }
    return inputs.get(0);
  }

  /** The input, of which a picture's four axes are wanted. */
  Value picture() {
    Value input = only();
    if (input.axes() != 4) {
      throw refused("takes a value of " + input.axes() + " axes and needs a picture");
    }
    if (!config().path("data_format").asText("channels_last").equals("channels_last")) {
      throw setting("data_format");
    }
    return input;
  }

  /** What the layer takes: two values or more, of as many axes. */
  List<Value> several() {
    List<Value> inputs = inputs();
    if (inputs.size() < 2
        || inputs.stream().anyMatch(value -> value.axes() != inputs.get(0).axes())) {
      throw refused("takes " + inputs.size() + " values, or values of different axes");
    }
    return inputs;
  }

  /** A name for a value of this layer. */
  String name(String step) {
    return model.graph().free(step.isEmpty() ? layer.name() : layer.name() + "_" + step);
  }

  /** A constant of this layer, by its name in the graph. */
  String constant(String part, Tensor values) {
    return model.graph().weights(name(part), values.values(), values.shape());
  }

  String constant(String part, double value) {
    return model.graph().scalar(name(part), value);
  }

  /** What an operator makes of a value without changing its axes and channels. */
  Value same(String operator, Value input, AttributeProto... attributes) {
    return new Value(
        model.graph().add(operator, name(""), input.name(), attributes),
        input.axes(),
        input.channels());
  }

  /** In Keras' order of axes. */
  Value channelsLast(Value value) {
    return value.axes() != 4
        ? value
        : new Value(
            model.graph().add("Transpose", name("nhwc"), value.name(), numbers("perm", 0, 2, 3, 1)),
            4,
            value.channels());
  }

  /** In the graph's order of axes. */
  Value channelsFirst(Value value) {
    return new Value(
        model.graph().add("Transpose", name("nchw"), value.name(), numbers("perm", 0, 3, 1, 2)),
        4,
        value.channels());
  }

  /** A setting for height and width: two numbers, or one for both. */
  long[] pair(String key, long otherwise) {
    JsonNode value = config().path(key);
    long[] pair = {otherwise, otherwise};
    if (value.isInt()) {
      Arrays.fill(pair, value.asLong());
    } else if (value.size() == 2) {
      pair[0] = value.get(0).asLong(-1);
      pair[1] = value.get(1).asLong(-1);
    } else if (!value.isMissingNode() && !value.isNull()) {
      throw setting(key);
    }
    if (pair[0] < 1 || pair[1] < 1) {
      throw setting(key);
    }
    return pair;
  }

  AttributeProto padding() {
    return switch (config().path("padding").asText("valid")) {
      case "valid" -> text("auto_pad", "VALID");
      case "same" -> text("auto_pad", "SAME_UPPER");
      default -> throw setting("padding");
    };
  }

  boolean flag(String key, boolean otherwise) {
    return config().path(key).asBoolean(otherwise);
  }
}
