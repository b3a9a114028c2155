package io.sparkface.models.interop.keras;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.base.UserError;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.onnx.Attributes;
import io.sparkface.models.interop.onnx.OnnxGraph;
import io.sparkface.models.interop.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A saved Keras model (functional or sequential, Keras 2 and 3) written again as ONNX, layer by
 * layer. Input {@code [batch, height, width, 3]}; inside, pictures are NCHW. The result is the
 * layer {@value #EMBEDDING}, as Keras_insightface names it, and where there is none the model's
 * first output: a margin head behind the embedding is left out. Layers that carry code ({@code
 * Lambda}) and kinds that are not known are refused by name.
 */
public final class KerasModel {
  /** What Keras_insightface calls the layer. */
  public static final String EMBEDDING = "embedding";

  private final KerasFile file;
  private final String where;
  private final OnnxGraph graph = new OnnxGraph("keras");
  private final Map<String, Layer> layers = new LinkedHashMap<>();
  private final Map<String, Value> values = new HashMap<>();

  private KerasModel(KerasFile file, String where) {
    this.file = file;
    this.where = where;
  }

  /**
   * A value while the network runs.
   *
   * @param name in the ONNX graph
   * @param axes how many; 4 means NCHW
   * @param channels size of the second axis, -1 where it is not known
   */
  record Value(String name, int axes, long channels) {}

  /**
   * A layer of the model.
   *
   * @param kind Keras' class
   * @param inputs names of the layers it takes
   */
  record Layer(String name, String kind, JsonNode config, List<String> inputs, String where) {

    UserError refused(String why) {
      return new UserError(
          "the layer '" + name + "' (" + kind + ") " + why,
          where,
          "use another model, or export it as ONNX from Keras");
    }

    UserError setting(String key) {
      return refused("has " + key + " = " + config.path(key) + ", which cannot be translated");
    }
  }

  /**
   * @param where named in errors
   * @throws UserError naming the layer or weight that is damaged, missing, of another shape, or of
   *     a kind that cannot be translated exactly
   */
  public static OnnxModel read(byte[] h5, String where) {
    return new KerasModel(KerasFile.read(h5, where), where).translated();
  }

  private OnnxModel translated() {
    JsonNode model =
        file.config()
            .orElseThrow(
                () ->
                    new UserError(
                        "the file holds weights without a graph",
                        where,
                        "save the whole model, or name it as initial.weights of the network that"
                            + " the weights are of"));
    String kind = model.path("class_name").asText();
    JsonNode config = model.path("config");
    String result =
        switch (kind) {
          case "Functional", "Model" -> functional(config);
          case "Sequential" -> sequential(config);
          default -> throw damaged("the model is of the class '" + kind + "'");
        };
    Set<String> wanted = new HashSet<>();
    List<String> open = new ArrayList<>(List.of(result));
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      if (!layers.containsKey(name)) {
        throw damaged("the layer '" + name + "' is missing");
      }
      if (wanted.add(name)) {
        open.addAll(layers.get(name).inputs());
      }
    }
    for (Layer layer : layers.values()) {
      if (wanted.contains(layer.name()) && layer.kind().equals("Lambda")) {
        throw layer.refused("carries Python code, which is never run");
      }
    }
    for (Layer layer : layers.values()) {
      if (wanted.contains(layer.name())) {
        values.put(
            layer.name(),
            layer.inputs().isEmpty() ? input(layer) : new KerasLayer(this, layer).write());
      }
    }
    output(values.get(result));
    return graph.model();
  }

  private String functional(JsonNode config) {
    for (JsonNode layer : config.path("layers")) {
      List<String> inputs = new ArrayList<>();
      JsonNode calls = layer.path("inbound_nodes");
      Layer made = layer(layer, inputs);
      if (calls.size() > 1) {
        throw made.refused("is used " + calls.size() + " times");
      }
      if (calls.size() == 1) {
        collect(calls.get(0), inputs, made);
      }
    }
    if (layers.containsKey(EMBEDDING)) {
      return EMBEDDING;
    }
    List<String> outputs = new ArrayList<>();
    JsonNode listed = config.path("output_layers");
    if (listed.path(0).isTextual()) {
      outputs.add(listed.get(0).asText());
    } else {
      listed.forEach(output -> outputs.add(output.path(0).asText()));
    }
    if (outputs.isEmpty()) {
      throw damaged("the model has no output_layers");
    }
    return outputs.get(0);
  }

  private String sequential(JsonNode config) {
    String last = null;
    for (JsonNode layer : config.path("layers")) {
      if (last == null && !layer.path("class_name").asText().equals("InputLayer")) {
        // Keras 2: the first layer says what it takes
        layers.put("", new Layer("", "InputLayer", layer.path("config"), List.of(), where));
        last = "";
      }
      last = layer(layer, last == null ? List.of() : List.of(last)).name();
    }
    if (last == null) {
      throw damaged("the model has no layers");
    }
    return last;
  }

  private Layer layer(JsonNode node, List<String> inputs) {
    JsonNode config = node.path("config");
    String name = node.path("name").asText(config.path("name").asText(""));
    Layer layer = new Layer(name, node.path("class_name").asText(""), config, inputs, where);
    if (name.isEmpty() || layers.put(name, layer) != null) {
      throw layer.refused(name.isEmpty() ? "has no name" : "is there twice");
    }
    return layer;
  }

  /** Keras 2: {@code ["layer", 0, 0, {}]}; Keras 3: {@code {"keras_history": ["layer", 0, 0]}}. */
  private static void collect(JsonNode node, List<String> inputs, Layer layer) {
    JsonNode history = node.path("keras_history");
    JsonNode reference = history.isArray() ? history : node;
    if (reference.path(0).isTextual()) {
      if (reference.path(1).asInt(-1) != 0 || reference.path(2).asInt(-1) != 0) {
        throw layer.refused("takes another result of '" + reference.path(0).asText() + "'");
      }
      if (reference.path(3).size() > 0) {
        throw layer.refused("is called with " + reference.path(3));
      }
      inputs.add(reference.path(0).asText());
    } else {
      node.forEach(child -> collect(child, inputs, layer));
    }
  }

  private Value input(Layer layer) {
    if (!layer.kind().equals("InputLayer")) {
      throw layer.refused("takes nothing and is no input");
    }
    JsonNode shape = layer.config().path("batch_input_shape");
    shape = shape.isMissingNode() ? layer.config().path("batch_shape") : shape;
    if (shape.size() != 4 || shape.get(3).asInt() != 3) {
      throw layer.refused("has the shape " + shape + ", wanted pictures with channels last");
    }
    if (values.values().stream().anyMatch(value -> value.name().equals("image_nchw"))) {
      throw layer.refused("is a second input");
    }
    graph.input("image", OnnxGraph.BATCH, side(shape.get(1)), side(shape.get(2)), 3);
    graph.add("Transpose", "image_nchw", "image", Attributes.numbers("perm", 0, 3, 1, 2));
    return new Value("image_nchw", 4, 3);
  }

  private static long side(JsonNode size) {
    return size.isNull() || size.asLong() < 1 ? OnnxGraph.ANY : size.asLong();
  }

  private void output(Value result) {
    if (result.axes() != 4 && result.axes() != 2) {
      throw damaged("the result has " + result.axes() + " axes");
    }
    String name = result.name();
    if (result.axes() == 4) {
      // a row per picture, in Keras' order
      String turned = graph.free("result_nhwc");
      graph.add("Transpose", turned, name, Attributes.numbers("perm", 0, 2, 3, 1));
      name = graph.add("Flatten", graph.free("result"), turned, Attributes.number("axis", 1));
    }
    graph.output(
        name,
        OnnxGraph.BATCH,
        result.axes() == 2 && result.channels() > 0 ? result.channels() : OnnxGraph.ANY);
  }

  OnnxGraph graph() {
    return graph;
  }

  int majorVersion() {
    return file.majorVersion();
  }

  /** What a layer takes. */
  List<Value> inputs(Layer layer) {
    List<Value> found = new ArrayList<>();
    for (String input : layer.inputs()) {
      Value value = values.get(input);
      if (value == null) {
        throw layer.refused("takes '" + input + "', which comes after it");
      }
      found.add(value);
    }
    return found;
  }

  /** A layer's array; -1 in the shape fits any size. */
  Tensor weights(Layer layer, String part, long... shape) {
    Tensor found = file.weights().getOrDefault(layer.name(), Map.of()).get(part);
    if (found == null) {
      throw layer.refused("has no weights '" + part + "' in the file");
    }
    if (!found.hasShape(shape)) {
      throw layer.refused(
          "needs '"
              + part
              + "' of "
              + Arrays.toString(shape).replace("-1", "any")
              + ", it is "
              + found.sizes());
    }
    return found;
  }

  /** Whether a layer has an array. */
  boolean has(Layer layer, String part) {
    return file.weights().getOrDefault(layer.name(), Map.of()).containsKey(part);
  }

  private UserError damaged(String problem) {
    return new UserError(problem, where, "name a functional or sequential model that Keras saved");
  }
}
