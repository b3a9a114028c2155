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
import java.util.Optional;
import java.util.Set;

/**
 * A saved Keras model (functional or sequential, Keras 2 and 3) written again as ONNX, layer by
 * layer, models within it too. Input {@code [batch, height, width, 3]}; inside, pictures are NCHW.
 * The result is the layer {@value #EMBEDDING}, as Keras_insightface names it, and where there is
 * none the model's first output: a margin head behind the embedding is left out. Layers that carry
 * code ({@code Lambda}) and kinds that are not known are refused by name.
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

  /** Kinds of layers that are models themselves. */
  private static final Set<String> MODELS = Set.of("Functional", "Model", "Sequential");

  private static final int DEEPEST = 16;

  /**
   * A layer of the model.
   *
   * @param name with the names of the models it lies in before it, such as {@code backbone/conv1}
   * @param kind Keras' class
   * @param inputs names of the layers it takes
   */
  record Layer(String name, String kind, JsonNode config, List<String> inputs, String where) {

    /** Whether an array of the outermost layer is this layer's. */
    boolean owns(String weight, String part) {
      String own = name.substring(name.lastIndexOf('/') + 1);
      boolean within = !own.equals(name);
      return within
          ? ("/" + weight).endsWith("/" + own + "/" + part)
          : ("/" + weight).endsWith("/" + part);
    }

    /** What the file files its arrays under. */
    String outermost() {
      int end = name.indexOf('/');
      return end < 0 ? name : name.substring(0, end);
    }

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
    String last = model(model, Scope.TOP);
    String result = embedding().orElse(last);
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
            layer.inputs().isEmpty()
                ? input(layer)
                : new KerasLayer(new KerasSite(this, layer)).write());
      }
    }
    output(values.get(result));
    return graph.model();
  }

  /**
   * Where layers are being read.
   *
   * @param prefix of their names
   * @param input what the model around them gives to this one, null in the outermost
   */
  private record Scope(String prefix, String input, int depth) {
    static final Scope TOP = new Scope("", null, 0);

    Scope within(String name, String given) {
      return new Scope(name + "/", given, depth + 1);
    }

    List<String> inputs() {
      return input == null ? List.of() : List.of(input);
    }
  }

  /** The layer of that name, or the only one of that name in a model within. */
  private Optional<String> embedding() {
    if (layers.containsKey(EMBEDDING)) {
      return Optional.of(EMBEDDING);
    }
    List<String> found =
        layers.keySet().stream().filter(name -> name.endsWith("/" + EMBEDDING)).toList();
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  /** Reads the layers of a model and returns the name of the one that gives its result. */
  private String model(JsonNode model, Scope scope) {
    String kind = model.path("class_name").asText();
    if (scope.depth() > DEEPEST) {
      throw damaged("models lie in models more than " + DEEPEST + " deep");
    }
    return switch (kind) {
      case "Functional", "Model" -> functional(model.path("config"), scope);
      case "Sequential" -> sequential(model.path("config"), scope);
      default -> throw damaged("the model is of the class '" + kind + "'");
    };
  }

  private String functional(JsonNode config, Scope scope) {
    for (JsonNode node : config.path("layers")) {
      List<String> inputs = new ArrayList<>();
      JsonNode calls = node.path("inbound_nodes");
      Layer layer = named(node, inputs, scope);
      if (calls.size() > 1) {
        throw layer.refused("is used " + calls.size() + " times");
      }
      if (calls.size() == 1) {
        collect(calls.get(0), inputs, layer, scope);
      } else {
        inputs.addAll(scope.inputs());
      }
      add(node, layer, scope);
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
    if (outputs.size() > 1 && scope.depth() > 0) {
      throw damaged("the model '" + scope.prefix() + "' within the model has several results");
    }
    return scope.prefix() + outputs.get(0);
  }

  private String sequential(JsonNode config, Scope scope) {
    String last = scope.input();
    for (JsonNode node : config.path("layers")) {
      if (last == null && !node.path("class_name").asText().equals("InputLayer")) {
        // Keras 2: the first layer says what it takes
        layers.put("", new Layer("", "InputLayer", node.path("config"), List.of(), where));
        last = "";
      }
      Layer layer = named(node, last == null ? List.of() : List.of(last), scope);
      add(node, layer, scope);
      last = layer.name();
    }
    if (last == null || last.equals(scope.input())) {
      throw damaged("the model has no layers");
    }
    return last;
  }

  private Layer named(JsonNode node, List<String> inputs, Scope scope) {
    JsonNode config = node.path("config");
    String name = node.path("name").asText(config.path("name").asText(""));
    Layer layer =
        new Layer(scope.prefix() + name, node.path("class_name").asText(""), config, inputs, where);
    if (name.isEmpty()) {
      throw layer.refused("has no name");
    }
    return layer;
  }

  /** With the layers inside before it, if the layer is a model; it then stands for their result. */
  private void add(JsonNode node, Layer layer, Scope scope) {
    Layer added = layer;
    if (MODELS.contains(layer.kind())) {
      if (layer.inputs().size() != 1) {
        throw layer.refused("takes " + layer.inputs().size() + " values");
      }
      String result = model(node, scope.within(layer.name(), layer.inputs().get(0)));
      added = new Layer(layer.name(), layer.kind(), layer.config(), List.of(result), where);
    }
    if (layers.put(layer.name(), added) != null) {
      throw layer.refused("is there twice");
    }
  }

  /**
   * Keras 2: {@code ["layer", 0, 0, {}]}; Keras 3: {@code {"keras_history": ["layer", 0, 0]}}. The
   * first number counts a layer's uses, of which Keras 2 gives a model one before it is used.
   */
  private void collect(JsonNode node, List<String> inputs, Layer layer, Scope scope) {
    JsonNode history = node.path("keras_history");
    JsonNode reference = history.isArray() ? history : node;
    if (reference.path(0).isTextual()) {
      String name = scope.prefix() + reference.path(0).asText();
      boolean model = layers.containsKey(name) && MODELS.contains(layers.get(name).kind());
      int use = reference.path(1).asInt(-1);
      if (use != 0 && !(model && use == 1) || reference.path(2).asInt(-1) != 0) {
        throw layer.refused("takes another result of '" + name + "'");
      }
      if (reference.path(3).size() > 0) {
        throw layer.refused("is called with " + reference.path(3));
      }
      inputs.add(name);
    } else {
      node.forEach(child -> collect(child, inputs, layer, scope));
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
    Tensor found =
        find(layer, part)
            .orElseThrow(() -> layer.refused("has no weights '" + part + "' in the file"));
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
    return find(layer, part).isPresent();
  }

  private Optional<Tensor> find(Layer layer, String part) {
    List<Tensor> found =
        file.weights().getOrDefault(layer.outermost(), Map.of()).entrySet().stream()
            .filter(weight -> layer.owns(weight.getKey(), part))
            .map(Map.Entry::getValue)
            .toList();
    if (found.size() > 1) {
      throw layer.refused("has two weights called '" + part + "'");
    }
    return found.stream().findFirst();
  }

  private UserError damaged(String problem) {
    return new UserError(problem, where, "name a functional or sequential model that Keras saved");
  }
}
