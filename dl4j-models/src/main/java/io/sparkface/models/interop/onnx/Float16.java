package io.sparkface.models.interop.onnx;

import io.sparkface.base.UserError;
import io.sparkface.models.interop.HalfFloat;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import onnx.OnnxMl.AttributeProto;
import onnx.OnnxMl.GraphProto;
import onnx.OnnxMl.NodeProto;
import onnx.OnnxMl.TensorProto;
import onnx.OnnxMl.ValueInfoProto;

/**
 * A network that computes in half precision. Inputs and outputs stay float32, so that callers need
 * not change; weights take half the room.
 */
public final class Float16 {
  private static final String SUFFIX = "_float16";

  /** Operators with float32 inputs that the standard does not let be anything else. */
  private static final Set<String> FLOAT32_ONLY =
      Set.of("Resize", "Upsample", "NonMaxSuppression", "QuantizeLinear", "DequantizeLinear");

  private final GraphProto graph;
  private final String where;
  private final Map<String, String> renamed = new HashMap<>();

  private Float16(GraphProto graph, String where) {
    this.graph = graph;
    this.where = where;
  }

  /**
   * @param where named in errors
   * @throws UserError when a weight is beyond 65504, or an operator cannot work in half precision
   */
  public static OnnxModel of(OnnxModel model, String where) {
    GraphProto converted = new Float16(model.proto().getGraph(), where).converted();
    return new OnnxModel(model.proto().toBuilder().setGraph(converted).build());
  }

  private GraphProto converted() {
    GraphProto.Builder result = graph.toBuilder().clearNode().clearInitializer().clearValueInfo();
    GraphIndex index = new GraphIndex(graph);
    for (ValueInfoProto input : graph.getInputList()) {
      if (isFloat(input) && !index.isConstant(input.getName())) {
        renamed.put(input.getName(), input.getName() + SUFFIX);
        result.addNode(
            cast(input.getName(), input.getName() + SUFFIX, TensorProto.DataType.FLOAT16));
      }
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      if (isFloat(output)) {
        renamed.put(output.getName(), output.getName() + SUFFIX);
      }
    }
    for (TensorProto tensor : graph.getInitializerList()) {
      result.addInitializer(Tensors.isFloat(tensor) ? half(tensor) : tensor);
    }
    graph.getNodeList().forEach(node -> result.addNode(converted(node)));
    for (ValueInfoProto output : graph.getOutputList()) {
      if (isFloat(output)) {
        result.addNode(
            cast(output.getName() + SUFFIX, output.getName(), TensorProto.DataType.FLOAT));
      }
    }
    return result.build();
  }

  private static boolean isFloat(ValueInfoProto value) {
    return value.getType().getTensorType().getElemType() == TensorProto.DataType.FLOAT.getNumber();
  }

  private static NodeProto cast(String from, String to, TensorProto.DataType type) {
    return NodeProto.newBuilder()
        .setOpType("Cast")
        .setName(to + "_cast")
        .addInput(from)
        .addOutput(to)
        .addAttribute(Attributes.number("to", type.getNumber()))
        .build();
  }

  private NodeProto converted(NodeProto node) {
    if (FLOAT32_ONLY.contains(node.getOpType())) {
      throw new UserError(
          "the operator " + node.getOpType() + " cannot work in half precision",
          where + " node '" + node.getName() + "'",
          "export with --precision float32");
    }
    NodeProto.Builder changed = node.toBuilder().clearInput().clearOutput().clearAttribute();
    node.getInputList().forEach(name -> changed.addInput(renamed.getOrDefault(name, name)));
    node.getOutputList().forEach(name -> changed.addOutput(renamed.getOrDefault(name, name)));
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG() || attribute.getGraphsCount() > 0) {
        throw new UserError(
            "graphs within a graph are not converted to half precision",
            where + " node '" + node.getName() + "'",
            "export with --precision float32");
      }
      boolean values = attribute.hasT() && Tensors.isFloat(attribute.getT());
      boolean toFloat =
          node.getOpType().equals("Cast")
              && attribute.getI() == TensorProto.DataType.FLOAT.getNumber();
      if (values) {
        changed.addAttribute(attribute.toBuilder().setT(half(attribute.getT())));
      } else if (toFloat) {
        changed.addAttribute(attribute.toBuilder().setI(TensorProto.DataType.FLOAT16.getNumber()));
      } else {
        changed.addAttribute(attribute);
      }
    }
    return changed.build();
  }

  private TensorProto half(TensorProto tensor) {
    float[] values = Tensors.floats(tensor);
    short[] halves = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      halves[i] = HalfFloat.of(values[i]);
      if (HalfFloat.isInfinite(halves[i]) && Float.isFinite(values[i])) {
        throw new UserError(
            "the value " + values[i] + " of '" + tensor.getName() + "' is beyond half precision",
            where,
            "export with --precision float32, or fold the batch normalisations");
      }
    }
    return Tensors.halves(tensor.getName(), halves, Tensors.shape(tensor));
  }
}
