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
 * A network whose convolutions and dense layers compute on 8-bit integers: each value among them is
 * brought to 0..255 and back (QuantizeLinear, DequantizeLinear), kernels lie in the file as
 * integers with a scale per output channel, biases as 32-bit integers. Runtimes merge these nodes
 * into integer convolutions (the QDQ form of ONNX Runtime's static quantisation; Jacob et al. 2018,
 * arXiv:1712.05877).
 *
 * <p>Kernels take -64..64 only: pairs of products of 8-bit numbers are summed in 16 bits by CPUs
 * without VNNI, and would run over. The result stays float32.
 */
public final class Int8 {
  private static final int LARGEST_WEIGHT = 64;
  private static final long LEAST_OPSET = 13;

  private final GraphProto graph;
  private final GraphIndex index;
  private final ValueRanges ranges;
  private final List<NodeProto> nodes = new ArrayList<>();
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Map<String, String> renamed = new HashMap<>();

  private Int8(GraphProto graph, ValueRanges ranges) {
    this.graph = graph;
    this.index = new GraphIndex(graph);
    this.ranges = ranges;
  }

  /**
   * @param model with normalisations folded, else they stay between the integers
   * @param ranges of the same model
   * @param where named in errors
   * @throws UserError when the model's operator set is too old, or nothing in it can be quantised
   */
  public static OnnxModel of(OnnxModel model, ValueRanges ranges, String where) {
    if (model.opset() < LEAST_OPSET) {
      throw new UserError(
          "the model is of operator set " + model.opset() + ", int8 needs " + LEAST_OPSET,
          where,
          "write it again with a newer exporter, or choose --precision float16");
    }
    if (quantised(model).isEmpty()) {
      throw new UserError(
          "the model has no convolutions", where, "choose --precision float16 or float32");
    }
    GraphProto converted = new Int8(model.proto().getGraph(), ranges).converted(quantised(model));
    return new OnnxModel(model.proto().toBuilder().setGraph(converted).build());
  }

  static ValueInfoProto input(OnnxModel model) {
    GraphIndex index = new GraphIndex(model.proto().getGraph());
    return model.proto().getGraph().getInputList().stream()
        .filter(input -> !index.isConstant(input.getName()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("a network without input"));
  }

  /** The values that become 8-bit: what convolutions and dense layers take, and what they give. */
  static Set<String> quantised(OnnxModel model) {
    GraphProto graph = model.proto().getGraph();
    GraphIndex index = new GraphIndex(graph);
    Set<String> values = new LinkedHashSet<>();
    Set<String> last = towardsResult(graph, index);
    for (NodeProto node : graph.getNodeList()) {
      if (!computesOnIntegers(node, index)) {
        continue;
      }
      values.add(node.getInput(0));
      NodeProto follower = onlyReader(graph, index, node.getOutput(0));
      boolean rectified = follower != null && follower.getOpType().equals("Relu");
      String result = rectified ? follower.getOutput(0) : node.getOutput(0);
      if (!last.contains(result)) {
        values.add(result);
      }
    }
    return values;
  }

  private static boolean computesOnIntegers(NodeProto node, GraphIndex index) {
    boolean weighted = node.getInputCount() > 1 && index.floats(node.getInput(1)) != null;
    boolean biased = node.getInputCount() < 3 || index.floats(node.getInput(2)) != null;
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

  /** Results, and values from which they follow without another convolution. */
  private static Set<String> towardsResult(GraphProto graph, GraphIndex index) {
    Set<String> found = new LinkedHashSet<>();
    graph.getOutputList().forEach(output -> found.add(output.getName()));
    for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
      NodeProto node = graph.getNode(i);
      if (node.getOutputList().stream().anyMatch(found::contains)
          && !computesOnIntegers(node, index)) {
        found.addAll(node.getInputList());
      }
    }
    return found;
  }

  private GraphProto converted(Set<String> quantised) {
    for (ValueInfoProto input : graph.getInputList()) {
      if (quantised.contains(input.getName())) {
        toIntegersAndBack(input.getName());
      }
    }
    for (NodeProto node : graph.getNodeList()) {
      nodes.add(computesOnIntegers(node, index) ? integers(node) : taking(node));
      for (String output : node.getOutputList()) {
        if (quantised.contains(output)) {
          toIntegersAndBack(output);
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

  private float scale(String value) {
    ValueRanges.Range range = ranges.of(value);
    float scale = (range.most() - range.least()) / 255;
    return scale > 0 ? scale : 1;
  }

  private void toIntegersAndBack(String value) {
    float scale = scale(value);
    int zero = Math.min(255, Math.max(0, Math.round(-ranges.of(value).least() / scale)));
    String scaleName = constant(Tensors.floats(value + "_scale", new float[] {scale}));
    String zeroName =
        constant(
            Tensors.bytes(value + "_zero", TensorProto.DataType.UINT8, new byte[] {(byte) zero}));
    node("QuantizeLinear", value + "_q", List.of(value, scaleName, zeroName));
    node("DequantizeLinear", value + "_dq", List.of(value + "_q", scaleName, zeroName));
    renamed.put(value, value + "_dq");
  }

  private NodeProto integers(NodeProto node) {
    String result = node.getOutput(0);
    TensorProto kernel = index.floats(node.getInput(1));
    float[] weights = Tensors.floats(kernel);
    int channels = (int) kernel.getDims(0);
    int perChannel = weights.length / channels;
    float[] scales = new float[channels];
    byte[] small = new byte[weights.length];
    for (int c = 0; c < channels; c++) {
      float largest = 0;
      for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
        largest = Math.max(largest, Math.abs(weights[i]));
      }
      scales[c] = largest > 0 ? largest / LARGEST_WEIGHT : 1;
      for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
        small[i] = (byte) Math.round(weights[i] / scales[c]);
      }
    }
    NodeProto.Builder changed = node.toBuilder().clearInput();
    changed.addInput(renamed.get(node.getInput(0)));
    changed.addInput(
        restored(
            result + "_weight",
            Tensors.bytes(
                result + "_weight_q", TensorProto.DataType.INT8, small, Tensors.shape(kernel)),
            scales));
    if (node.getInputCount() > 2) {
      changed.addInput(bias(node, scales));
    }
    return changed.build();
  }

  /** In units of a product's: the input's scale times the kernel's. */
  private String bias(NodeProto node, float[] weightScales) {
    float input = scale(node.getInput(0));
    float[] bias = Tensors.floats(index.floats(node.getInput(2)));
    int[] whole = new int[bias.length];
    float[] scales = new float[bias.length];
    for (int c = 0; c < bias.length; c++) {
      scales[c] = input * weightScales[c];
      whole[c] = Math.round(bias[c] / scales[c]);
    }
    String name = node.getOutput(0) + "_bias";
    return restored(name, Tensors.ints(name + "_q", whole, bias.length), scales);
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
