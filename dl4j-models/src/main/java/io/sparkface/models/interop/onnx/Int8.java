package io.sparkface.models.interop.onnx;

import io.sparkface.base.UserError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.OnnxMl.GraphProto;
import onnx.OnnxMl.NodeProto;
import onnx.OnnxMl.TensorProto;
import onnx.OnnxMl.ValueInfoProto;

/**
 * A network with 8-bit kernels, a scale per output channel.
 *
 * <p>{@linkplain #of Calibrated}, its convolutions and dense layers compute on 8-bit integers too:
 * each value among them is brought to 0..255 and back (QuantizeLinear, DequantizeLinear), biases
 * lie in the file as 32-bit integers. Runtimes merge these nodes into integer convolutions (the QDQ
 * form of ONNX Runtime's static quantisation; Jacob et al. 2018, arXiv:1712.05877). What a ReLU or
 * a clip cuts off is not given a share of the 255 steps: such a result is quantised behind it.
 *
 * <p>The last {@value #LAST} layers compute on float32, with kernels brought back from 8 bits. In
 * them all of the picture comes together in the few numbers of the embedding, and no later layer
 * averages their rounding away: in MobileFaceNet they cost more likeness than all others together.
 */
public final class Int8 {
  private static final int LARGEST_WEIGHT = 127;
  private static final int LAST = 2;
  private static final long LEAST_OPSET = 13;

  /** Activations that runtimes merge into the convolution before them. */
  private static final Set<String> CUTTING = Set.of("Relu", "Clip");

  private final GraphProto graph;
  private final GraphIndex index;
  private final Set<String> integers;
  private final List<NodeProto> nodes = new ArrayList<>();
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Map<String, String> renamed = new HashMap<>();
  private final Map<String, Float> scales = new HashMap<>();

  private Int8(GraphProto graph, Set<String> integers) {
    this.graph = graph;
    this.index = new GraphIndex(graph);
    this.integers = integers;
  }

  /**
   * Kernels and what computes with them.
   *
   * @param model with normalisations folded, else they stay between the integers
   * @param ranges of the same model
   * @param where named in errors
   * @throws UserError when the model's operator set is too old, or nothing in it can be quantised
   */
  public static OnnxModel of(OnnxModel model, ValueRanges ranges, String where) {
    requireKernels(model, where);
    GraphProto graph = model.proto().getGraph();
    Int8 int8 = new Int8(graph, onIntegers(graph, new GraphIndex(graph)));
    return new OnnxModel(
        model.proto().toBuilder().setGraph(int8.converted(quantised(model), ranges)).build());
  }

  /**
   * Kernels only: a quarter of the size, float32 computation, nothing to calibrate.
   *
   * @param where named in errors
   * @throws UserError when the model's operator set is too old, or nothing in it can be quantised
   */
  public static OnnxModel weightsOf(OnnxModel model, String where) {
    requireKernels(model, where);
    Int8 int8 = new Int8(model.proto().getGraph(), Set.of());
    return new OnnxModel(
        model.proto().toBuilder().setGraph(int8.converted(Set.of(), new ValueRanges())).build());
  }

  private static void requireKernels(OnnxModel model, String where) {
    if (model.opset() < LEAST_OPSET) {
      throw new UserError(
          "the model is of operator set " + model.opset() + ", int8 needs " + LEAST_OPSET,
          where,
          "write it again with a newer exporter, or choose --precision float16");
    }
    GraphProto graph = model.proto().getGraph();
    GraphIndex index = new GraphIndex(graph);
    if (graph.getNodeList().stream().noneMatch(node -> hasKernel(node, index))) {
      throw new UserError(
          "the model has no convolutions", where, "choose --precision float16 or float32");
    }
  }

  static ValueInfoProto input(OnnxModel model) {
    GraphIndex index = new GraphIndex(model.proto().getGraph());
    return model.proto().getGraph().getInputList().stream()
        .filter(input -> !index.isConstant(input.getName()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("a network without input"));
  }

  /** The values that become 8-bit: what layers on integers take, and what they give. */
  static Set<String> quantised(OnnxModel model) {
    GraphProto graph = model.proto().getGraph();
    GraphIndex index = new GraphIndex(graph);
    Set<String> integers = onIntegers(graph, index);
    Set<String> values = new LinkedHashSet<>();
    Set<String> last = towardsResult(graph, integers);
    for (NodeProto node : graph.getNodeList()) {
      if (!integers.contains(node.getOutput(0))) {
        continue;
      }
      values.add(node.getInput(0));
      NodeProto follower = onlyReader(graph, index, node.getOutput(0));
      boolean cut = follower != null && CUTTING.contains(follower.getOpType());
      String result = cut ? follower.getOutput(0) : node.getOutput(0);
      if (!last.contains(result)) {
        values.add(result);
      }
    }
    return values;
  }

  /** The layers that compute on integers, by their results: all but the last. */
  private static Set<String> onIntegers(GraphProto graph, GraphIndex index) {
    List<String> layers =
        graph.getNodeList().stream()
            .filter(node -> hasKernel(node, index))
            .map(node -> node.getOutput(0))
            .toList();
    return Set.copyOf(layers.subList(0, Math.max(0, layers.size() - LAST)));
  }

  private static boolean hasKernel(NodeProto node, GraphIndex index) {
    TensorProto kernel = node.getInputCount() > 1 ? index.floats(node.getInput(1)) : null;
    boolean weighted = kernel != null && kernel.getDimsCount() > 1 && kernel.getDims(0) > 0;
    boolean biased =
        node.getInputCount() < 3
            || weighted && index.hasFloats(node.getInput(2), kernel.getDims(0));
    return switch (node.getOpType()) {
      case "Conv" -> weighted && biased;
      case "Gemm" ->
          weighted
              && biased
              && Attributes.number(node, "transB", 0) == 1
              && Attributes.number(node, "transA", 0) == 0
              && Attributes.real(node, "alpha", 1) == 1
              && Attributes.real(node, "beta", 1) == 1;
      default -> false;
    };
  }

  private static NodeProto onlyReader(GraphProto graph, GraphIndex index, String value) {
    if (index.uses(value) != 1 || index.isOutput(value)) {
      return null;
    }
    return graph.getNodeList().stream()
        .filter(node -> node.getInputList().contains(value))
        .findFirst()
        .orElse(null);
  }

  /** Results, and values from which they follow without another layer on integers. */
  private static Set<String> towardsResult(GraphProto graph, Set<String> integers) {
    Set<String> found = new LinkedHashSet<>();
    graph.getOutputList().forEach(output -> found.add(output.getName()));
    for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
      NodeProto node = graph.getNode(i);
      if (node.getOutputList().stream().anyMatch(found::contains)
          && !integers.contains(node.getOutput(0))) {
        found.addAll(node.getInputList());
      }
    }
    return found;
  }

  private GraphProto converted(Set<String> quantised, ValueRanges ranges) {
    for (ValueInfoProto input : graph.getInputList()) {
      if (quantised.contains(input.getName())) {
        toIntegersAndBack(input.getName(), ranges);
      }
    }
    for (NodeProto node : graph.getNodeList()) {
      nodes.add(hasKernel(node, index) ? layer(node) : taking(node));
      for (String output : node.getOutputList()) {
        if (quantised.contains(output)) {
          toIntegersAndBack(output, ranges);
        }
      }
    }
    Set<String> taken = new LinkedHashSet<>();
    nodes.forEach(node -> taken.addAll(node.getInputList()));
    GraphProto.Builder result =
        graph.toBuilder().clearNode().addAllNode(nodes).clearInitializer().clearValueInfo();
    graph.getInitializerList().stream()
        .filter(tensor -> taken.contains(tensor.getName()))
        .forEach(result::addInitializer);
    return result.addAllInitializer(constants.values()).build();
  }

  private NodeProto taking(NodeProto node) {
    NodeProto.Builder changed = node.toBuilder().clearInput();
    node.getInputList().forEach(name -> changed.addInput(renamed.getOrDefault(name, name)));
    return changed.build();
  }

  private void toIntegersAndBack(String value, ValueRanges ranges) {
    ValueRanges.Range range = ranges.of(value);
    float step = (range.most() - range.least()) / 255;
    float scale = step > 0 ? step : 1;
    scales.put(value, scale);
    int zero = Math.min(255, Math.max(0, Math.round(-range.least() / scale)));
    String scaleName = constant(Tensors.floats(value + "_scale", new float[] {scale}));
    String zeroName =
        constant(
            Tensors.bytes(value + "_zero", TensorProto.DataType.UINT8, new byte[] {(byte) zero}));
    node("QuantizeLinear", value + "_q", List.of(value, scaleName, zeroName));
    node("DequantizeLinear", value + "_dq", List.of(value + "_q", scaleName, zeroName));
    renamed.put(value, value + "_dq");
  }

  /** With an 8-bit kernel, and on integers with a 32-bit bias. */
  private NodeProto layer(NodeProto node) {
    String result = node.getOutput(0);
    TensorProto kernel = index.floats(node.getInput(1));
    float[] weights = Tensors.floats(kernel);
    int channels = (int) kernel.getDims(0);
    int perChannel = weights.length / channels;
    float[] kernelScales = new float[channels];
    byte[] small = new byte[weights.length];
    for (int c = 0; c < channels; c++) {
      float largest = 0;
      for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
        largest = Math.max(largest, Math.abs(weights[i]));
      }
      kernelScales[c] = largest > 0 ? largest / LARGEST_WEIGHT : 1;
      for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
        small[i] = (byte) Math.round(weights[i] / kernelScales[c]);
      }
    }
    NodeProto.Builder changed = taking(node).toBuilder();
    changed.setInput(
        1,
        restored(
            result + "_weight",
            Tensors.bytes(
                result + "_weight_q", TensorProto.DataType.INT8, small, Tensors.shape(kernel)),
            kernelScales));
    if (node.getInputCount() > 2 && integers.contains(result)) {
      changed.setInput(2, bias(node, kernelScales));
    }
    return changed.build();
  }

  /** In units of a product's: the input's scale times the kernel's. */
  private String bias(NodeProto node, float[] kernelScales) {
    float input = scales.get(node.getInput(0));
    float[] bias = Tensors.floats(index.floats(node.getInput(2)));
    int[] whole = new int[bias.length];
    float[] units = new float[bias.length];
    for (int c = 0; c < bias.length; c++) {
      units[c] = input * kernelScales[c];
      whole[c] = Math.round(bias[c] / units[c]);
    }
    String name = node.getOutput(0) + "_bias";
    return restored(name, Tensors.ints(name + "_q", whole, bias.length), units);
  }

  /** A node that makes numbers of integers, a scale for each of the first axis. */
  private String restored(String name, TensorProto integers, float[] scales) {
    String scale = constant(Tensors.floats(name + "_scales", scales, scales.length));
    nodes.add(
        NodeProto.newBuilder()
            .setOpType("DequantizeLinear")
            .setName(name + "_dq")
            .addInput(constant(integers))
            .addInput(scale)
            .addOutput(name + "_dq")
            .addAttribute(Attributes.number("axis", 0))
            .build());
    return name + "_dq";
  }

  private String constant(TensorProto tensor) {
    constants.put(tensor.getName(), tensor);
    return tensor.getName();
  }

  private void node(String operator, String result, List<String> inputs) {
    nodes.add(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(result)
            .addAllInput(inputs)
            .addOutput(result)
            .build());
  }
}
