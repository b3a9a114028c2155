package io.sparkface.models.interop.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import onnx.OnnxMl.GraphProto;
import onnx.OnnxMl.NodeProto;
import onnx.OnnxMl.TensorProto;

/** Finds a graph's constants, and who makes and who takes a value. */
final class GraphIndex {
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Map<String, NodeProto> producers = new HashMap<>();
  private final Map<String, Integer> uses = new HashMap<>();
  private final Set<String> outputs = new HashSet<>();

  GraphIndex(GraphProto graph) {
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
    for (NodeProto node : graph.getNodeList()) {
      node.getOutputList().forEach(output -> producers.put(output, node));
      node.getInputList().forEach(input -> uses.merge(input, 1, Integer::sum));
    }
    graph.getOutputList().forEach(output -> outputs.add(output.getName()));
  }

  /** The float32 constant of a name, or null. */
  TensorProto floats(String name) {
    TensorProto constant = constants.get(name);
    return constant != null && Tensors.isFloat(constant) ? constant : null;
  }

  /** Whether a name is a float32 constant of one axis and a length. */
  boolean hasFloats(String name, long length) {
    TensorProto constant = floats(name);
    return constant != null && constant.getDimsCount() == 1 && constant.getDims(0) == length;
  }

  boolean isConstant(String name) {
    return constants.containsKey(name);
  }

  /** The node whose result is {@code value}, or null. */
  NodeProto producer(String value) {
    return producers.get(value);
  }

  int uses(String value) {
    return uses.getOrDefault(value, 0);
  }

  boolean isOutput(String value) {
    return outputs.contains(value);
  }
}
