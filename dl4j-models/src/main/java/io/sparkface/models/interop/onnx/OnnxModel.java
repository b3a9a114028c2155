package io.sparkface.models.interop.onnx;

import io.sparkface.base.UserError;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import onnx.OnnxMl.AttributeProto;
import onnx.OnnxMl.FunctionProto;
import onnx.OnnxMl.GraphProto;
import onnx.OnnxMl.ModelProto;
import onnx.OnnxMl.NodeProto;
import onnx.OnnxMl.StringStringEntryProto;
import onnx.OnnxMl.TensorProto;
import onnx.OnnxMl.ValueInfoProto;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/**
 * An ONNX model (protobuf {@code ModelProto}) that holds all its values itself. Models whose
 * tensors name other files as external data are refused: such a name can lead anywhere on the
 * machine.
 */
public final class OnnxModel {
  /** Metadata key of the JSON that says what the model is and how it wants its pixels. */
  public static final String CARD = "sparkface.card";

  private static final int DEEPEST = 16;

  private final ModelProto proto;

  OnnxModel(ModelProto proto) {
    this.proto = proto;
  }

  /**
   * @param where named in errors
   * @throws UserError when the bytes are no ONNX model, one with external data, one whose float
   *     tensors are not as large as their shapes say, or one with a node that gives nothing
   */
  public static OnnxModel read(byte[] bytes, String where) {
    ModelProto proto;
    try {
      proto = ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new UserError(
          "the file is no ONNX model: " + e.getMessage(), where, "name a valid .onnx file", e);
    }
    if (!proto.hasGraph() || proto.getGraph().getNodeCount() == 0) {
      throw new UserError(
          "the file is no ONNX model: it has no graph", where, "name an .onnx file");
    }
    check(proto.getGraph(), where, 0);
    for (FunctionProto function : proto.getFunctionsList()) {
      check(function.getNodeList(), where, 0);
    }
    return new OnnxModel(proto);
  }

  private static void check(GraphProto graph, String where, int depth) {
    graph.getInitializerList().forEach(tensor -> check(tensor, where));
    graph
        .getSparseInitializerList()
        .forEach(
            sparse -> {
              check(sparse.getValues(), where);
              check(sparse.getIndices(), where);
            });
    check(graph.getNodeList(), where, depth);
  }

  private static void check(List<NodeProto> nodes, String where, int depth) {
    if (depth > DEEPEST) {
      throw new UserError(
          "the graph holds graphs more than " + DEEPEST + " deep", where, "use another model");
    }
    for (NodeProto node : nodes) {
      if (node.getOutputCount() == 0) {
        throw new UserError(
            "node '" + node.getName() + "' (" + node.getOpType() + ") gives no value",
            where,
            "name a valid .onnx file");
      }
      for (AttributeProto attribute : node.getAttributeList()) {
        check(attribute.getT(), where);
        attribute.getTensorsList().forEach(tensor -> check(tensor, where));
        check(attribute.getSparseTensor().getValues(), where);
        check(attribute.getSparseTensor().getIndices(), where);
        attribute
            .getSparseTensorsList()
            .forEach(
                sparse -> {
                  check(sparse.getValues(), where);
                  check(sparse.getIndices(), where);
                });
        if (attribute.hasG()) {
          check(attribute.getG(), where, depth + 1);
        }
        attribute.getGraphsList().forEach(graph -> check(graph, where, depth + 1));
      }
    }
  }

  private static void check(TensorProto tensor, String where) {
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || tensor.getExternalDataCount() > 0) {
      String location =
          tensor.getExternalDataList().stream()
              .filter(entry -> entry.getKey().equals("location"))
              .map(StringStringEntryProto::getValue)
              .findFirst()
              .orElse("nowhere");
      throw new UserError(
          "the values of tensor '" + tensor.getName() + "' lie outside the file, in " + location,
          where,
          "save the model in one file, without external data");
    }
    if (Tensors.isFloat(tensor) && !Tensors.isWhole(tensor)) {
      throw new UserError(
          "the tensor '" + tensor.getName() + "' has more or fewer values than its shape says",
          where,
          "name a valid .onnx file");
    }
  }

  ModelProto proto() {
    return proto;
  }

  /** The file's content. */
  public byte[] bytes() {
    return proto.toByteArray();
  }

  /** The version of the standard operator set, 0 where the model names none. */
  public long opset() {
    return proto.getOpsetImportList().stream()
        .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
        .mapToLong(onnx.OnnxMl.OperatorSetIdProto::getVersion)
        .max()
        .orElse(0);
  }

  /** How many nodes there are of each operator. */
  public Map<String, Integer> operators() {
    Map<String, Integer> found = new TreeMap<>();
    proto.getGraph().getNodeList().forEach(node -> found.merge(node.getOpType(), 1, Integer::sum));
    return found;
  }

  /** What the model takes: names with shapes, in which free sizes have names or are {@code ?}. */
  public Map<String, String> inputs() {
    Set<String> constants = new HashSet<>();
    proto.getGraph().getInitializerList().forEach(tensor -> constants.add(tensor.getName()));
    return shapes(
        proto.getGraph().getInputList().stream()
            .filter(input -> !constants.contains(input.getName()))
            .toList());
  }

  /** What it gives, as {@link #inputs}. */
  public Map<String, String> outputs() {
    return shapes(proto.getGraph().getOutputList());
  }

  private static Map<String, String> shapes(List<ValueInfoProto> values) {
    Map<String, String> found = new LinkedHashMap<>();
    for (ValueInfoProto value : values) {
      found.put(
          value.getName(),
          value.getType().getTensorType().getShape().getDimList().stream()
              .map(
                  size ->
                      size.hasDimValue()
                          ? Long.toString(size.getDimValue())
                          : size.getDimParam().isEmpty() ? "?" : size.getDimParam())
              .collect(Collectors.joining(", ", "[", "]")));
    }
    return found;
  }

  /** What the model says under a metadata key. */
  public Optional<String> metadata(String key) {
    return proto.getMetadataPropsList().stream()
        .filter(entry -> entry.getKey().equals(key))
        .map(StringStringEntryProto::getValue)
        .findFirst();
  }

  /** The same model with one metadata entry set. */
  public OnnxModel withMetadata(String key, String value) {
    ModelProto.Builder changed = proto.toBuilder().clearMetadataProps();
    proto.getMetadataPropsList().stream()
        .filter(entry -> !entry.getKey().equals(key))
        .forEach(changed::addMetadataProps);
    changed.addMetadataProps(
        StringStringEntryProto.newBuilder().setKey(key).setValue(value).build());
    return new OnnxModel(changed.build());
  }
}
