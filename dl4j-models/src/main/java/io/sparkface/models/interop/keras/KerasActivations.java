package io.sparkface.models.interop.keras;

import static io.sparkface.models.interop.onnx.Attributes.number;
import static io.sparkface.models.interop.onnx.Attributes.real;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.keras.KerasModel.Value;
import java.util.List;

/** Activations, as layers and as settings of others. */
final class KerasActivations {
  private final KerasSite site;

  KerasActivations(KerasSite site) {
    this.site = site;
  }

  /** The activation a setting names, of a value. */
  Value of(Value input, JsonNode activation) {
    String function = activation.asText("linear");
    return switch (activation.isTextual() || activation.isNull() || activation.isMissingNode()
        ? function
        : activation.toString()) {
      case "linear", "null", "" -> site.same("Identity", input);
      case "relu" -> site.same("Relu", input);
      case "relu6" -> clipped(input, 0, 6);
      case "sigmoid" -> site.same("Sigmoid", input);
      case "tanh" -> site.same("Tanh", input);
      case "softplus" -> site.same("Softplus", input);
      case "softsign" -> site.same("Softsign", input);
      case "elu" -> site.same("Elu", input);
      case "selu" -> site.same("Selu", input);
      case "exponential" -> site.same("Exp", input);
      case "softmax" -> softmax(input);
      case "swish", "silu" -> product(input, site.same("Sigmoid", input));
      // Keras 3 took over PyTorch's slopes
      case "hard_sigmoid" -> hardSigmoid(input, site.majorVersion() >= 3 ? 1 / 6.0 : 0.2);
      case "hard_swish", "hard_silu" -> product(input, hardSigmoid(input, 1 / 6.0));
      default ->
          throw site.refused("has the activation " + activation + ", which is not translated");
    };
  }

  Value relu() {
    if (site.config().path("threshold").asDouble(0) != 0) {
      throw site.setting("threshold");
    }
    double slope = site.config().path("negative_slope").asDouble(0);
    JsonNode most = site.config().path("max_value");
    boolean bounded = !most.isNull() && !most.isMissingNode();
    if (slope != 0 && bounded) {
      throw site.setting("negative_slope");
    }
    if (bounded) {
      return clipped(site.only(), 0, most.asDouble());
    }
    return slope == 0
        ? site.same("Relu", site.only())
        : site.same("LeakyRelu", site.only(), real("alpha", slope));
  }

  Value leakyRelu() {
    // Keras 2 called it alpha
    double slope = site.config().path("alpha").asDouble(0.3);
    return site.same(
        "LeakyRelu",
        site.only(),
        real("alpha", site.config().path("negative_slope").asDouble(slope)));
  }

  Value elu() {
    return site.same("Elu", site.only(), real("alpha", site.config().path("alpha").asDouble(1)));
  }

  Value softmax(Value input) {
    JsonNode axis = site.config().path("axis");
    if (!axis.isMissingNode() && axis.asInt(-1) != -1 && axis.asInt() != input.axes() - 1) {
      throw site.setting("axis");
    }
    return site.same("Softmax", input, number("axis", 1));
  }

  Value prelu() {
    Value input = site.only();
    Tensor alpha =
        input.axes() == 4
            ? site.weights("alpha", -1, -1, input.channels()).permuted(2, 0, 1)
            : site.weights("alpha", input.channels());
    return new Value(
        site.graph()
            .add("PRelu", site.name(""), List.of(input.name(), site.constant("slope", alpha))),
        input.axes(),
        input.channels());
  }

  private Value hardSigmoid(Value input, double slope) {
    return site.same("HardSigmoid", input, real("alpha", slope), real("beta", 0.5));
  }

  private Value product(Value a, Value b) {
    return new Value(
        site.graph().add("Mul", site.name("product"), List.of(a.name(), b.name())),
        a.axes(),
        a.channels());
  }

  private Value clipped(Value input, double least, double most) {
    return new Value(
        site.graph()
            .add(
                "Clip",
                site.name("clipped"),
                List.of(input.name(), site.constant("min", least), site.constant("max", most))),
        input.axes(),
        input.channels());
  }
}
