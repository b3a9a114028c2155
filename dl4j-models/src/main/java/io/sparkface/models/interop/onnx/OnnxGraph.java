package io.sparkface.models.interop.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import onnx.OnnxMl.AttributeProto;
import onnx.OnnxMl.GraphProto;
import onnx.OnnxMl.ModelProto;
import onnx.OnnxMl.NodeProto;
import onnx.OnnxMl.OperatorSetIdProto;
import onnx.OnnxMl.TensorProto;
import onnx.OnnxMl.TensorShapeProto;
import onnx.OnnxMl.TypeProto;
import onnx.OnnxMl.ValueInfoProto;

/**
 * An ONNX graph that is being written, node by node in the order of computation. Every value has a
 * name; a node has one result, after which it is called.
 */
public final class OnnxGraph {
  /** The operator set written, that of ONNX 1.16. */
  public static final int OPSET = 21;

  /** In a shape: the number of pictures, left open. */
  public static final long BATCH = -1;

  /** In a shape: any size. */
  public static final long ANY = -2;

  private static final int IR_VERSION = 10;

  private final GraphProto.Builder graph;
  private final Set<String> names = new HashSet<>();

  public OnnxGraph(String name) {
    graph = GraphProto.newBuilder().setName(name);
  }

  /** Declares a float32 input. */
  public String input(String name, long... shape) {
    graph.addInput(value(taken(name), TensorProto.DataType.FLOAT, shape));
    return name;
  }

  /** Declares that {@code name} is a float32 result. */
  public void output(String name, long... shape) {
    graph.addOutput(value(name, TensorProto.DataType.FLOAT, shape));
  }

  /** Constant float32 values, row by row. */
  public String weights(String name, float[] values, long... shape) {
    graph.addInitializer(Tensors.floats(taken(name), values, shape));
    return name;
  }

  /** A single constant. */
  public String scalar(String name, double value) {
    return weights(name, new float[] {(float) value});
  }

  /** A constant list of integers, such as a shape. */
  public String numbers(String name, long... values) {
    graph.addInitializer(Tensors.longs(taken(name), values, values.length));
    return name;
  }

  /**
   * A node.
   *
   * @param operator as ONNX calls it
   * @param name of the node and of its result, used nowhere else
   * @return {@code name}
   */
  public String add(
      String operator, String name, List<String> inputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(inputs)
            .addOutput(taken(name))
            .addAllAttribute(List.of(attributes)));
    return name;
  }

  /** A node that takes one value. */
  public String add(String operator, String name, String input, AttributeProto... attributes) {
    return add(operator, name, List.of(input), attributes);
  }

  /** The finished model. */
  public OnnxModel model() {
    return new OnnxModel(
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("Sparkface")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
            .setGraph(graph)
            .build());
  }

  /** {@code wanted}, or where it is taken {@code wanted} with a number behind it. */
  public String free(String wanted) {
    String name = wanted;
    for (int i = 2; names.contains(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  private String taken(String name) {
    if (!names.add(name)) {
      throw new IllegalArgumentException("the name '" + name + "' is given twice");
    }
    return name;
  }

  private static ValueInfoProto value(String name, TensorProto.DataType type, long... shape) {
    TensorShapeProto.Builder sizes = TensorShapeProto.newBuilder();
    List<Long> open = new ArrayList<>();
    for (long size : shape) {
      if (size == BATCH) {
        sizes.addDimBuilder().setDimParam("batch");
      } else if (size == ANY) {
        open.add(size);
        sizes.addDimBuilder().setDimParam("size" + open.size());
      } else {
        sizes.addDimBuilder().setDimValue(size);
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(sizes)))
        .build();
  }
}
