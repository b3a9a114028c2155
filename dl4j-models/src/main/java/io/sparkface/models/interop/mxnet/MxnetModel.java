package io.sparkface.models.interop.mxnet;

import io.sparkface.base.UserError;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.mxnet.Symbol.Node;
import io.sparkface.models.interop.onnx.OnnxGraph;
import io.sparkface.models.interop.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An MXNet model written again as ONNX, operator by operator. Input {@code data} is {@code [batch,
 * 3, height, width]}. The result is the layer {@value #EMBEDDING}, as insightface's programs take
 * it, and where there is none every head of the symbol.
 */
public final class MxnetModel {
  /** The layer insightface's networks give embeddings at. */
  public static final String EMBEDDING = "fc1";

  private static final String DATA = "data";

  private final Symbol symbol;
  private final Map<String, Tensor> parameters;
  private final String where;
  private final OnnxGraph graph = new OnnxGraph("mxnet");
  private final Map<Integer, Value> values = new HashMap<>();

  private MxnetModel(Symbol symbol, Map<String, Tensor> parameters, String where) {
    this.symbol = symbol;
    this.parameters = parameters;
    this.where = where;
  }

  /**
   * A value while the network runs.
   *
   * @param name in the ONNX graph
   * @param axes how many; the first is the batch
   * @param channels size of the second axis, -1 where it is not known
   */
  record Value(String name, int axes, long channels) {}

  /**
   * @param symbol content of {@code prefix-symbol.json}
   * @param params content of {@code prefix-0000.params}
   * @param where named in errors
   * @throws UserError naming the node or array that is damaged, missing, of another shape, or of a
   *     kind that cannot be translated exactly
   */
  public static OnnxModel read(byte[] symbol, byte[] params, String where) {
    return new MxnetModel(Symbol.read(symbol, where), ParamsFile.read(params, where), where)
        .translated();
  }

  private OnnxModel translated() {
    List<Integer> heads = results();
    BitSet wanted = new BitSet();
    heads.forEach(wanted::set);
    for (int i = symbol.nodes().size() - 1; i >= 0; i--) {
      if (wanted.get(i)) {
        symbol.nodes().get(i).inputs().forEach(wanted::set);
      }
    }
    for (int i = 0; i < symbol.nodes().size(); i++) {
      Node node = symbol.nodes().get(i);
      if (!wanted.get(i)) {
        continue;
      }
      if (!node.isVariable()) {
        values.put(i, new MxnetOperator(this, node).write());
      } else if (isInput(node)) {
        graph.input(DATA, OnnxGraph.BATCH, 3, OnnxGraph.ANY, OnnxGraph.ANY);
        values.put(i, new Value(DATA, 4, 3));
      }
    }
    if (values.values().stream().noneMatch(value -> value.name().equals(DATA))) {
      throw new UserError("the symbol has no input 'data'", where, "use a network of pictures");
    }
    for (int head : heads) {
      graph.output(values.get(head).name(), shape(values.get(head)));
    }
    return graph.model();
  }

  private List<Integer> results() {
    for (int i = 0; i < symbol.nodes().size(); i++) {
      Node node = symbol.nodes().get(i);
      if (node.name().equals(EMBEDDING) && !node.isVariable()) {
        return List.of(i);
      }
    }
    for (int head : symbol.heads()) {
      if (symbol.nodes().get(head).isVariable()) {
        throw symbol.nodes().get(head).refused("is an input and cannot be a result");
      }
    }
    return symbol.heads();
  }

  private static boolean isInput(Node node) {
    return node.name().equals(DATA);
  }

  private static long[] shape(Value value) {
    long[] shape = new long[value.axes()];
    Arrays.fill(shape, OnnxGraph.ANY);
    shape[0] = OnnxGraph.BATCH;
    if (value.axes() > 1 && value.channels() > 0) {
      shape[1] = value.channels();
    }
    return shape;
  }

  OnnxGraph graph() {
    return graph;
  }

  /** What a node takes at a place. */
  Value value(Node node, int place) {
    requireInput(node, place);
    int index = node.inputs().get(place);
    Value value = values.get(index);
    if (value == null) {
      throw node.refused(
          "takes '" + symbol.nodes().get(index).name() + "' as pictures, which is no input");
    }
    return value;
  }

  /** Everything a node takes. */
  List<Value> all(Node node) {
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      all.add(value(node, i));
    }
    return all;
  }

  /** The array a node takes at a place. */
  Tensor weights(Node node, int place) {
    requireInput(node, place);
    Node variable = symbol.nodes().get(node.inputs().get(place));
    if (!variable.isVariable()) {
      throw node.refused("takes the result of '" + variable.name() + "' as weights");
    }
    Tensor found = parameters.get("arg:" + variable.name());
    found = found != null ? found : parameters.get("aux:" + variable.name());
    if (found == null) {
      throw node.refused("needs '" + variable.name() + "', which the .params file lacks");
    }
    return found;
  }

  /** The array a node takes at a place, of a shape; -1 fits any size. */
  Tensor weights(Node node, int place, long... shape) {
    Tensor found = weights(node, place);
    if (!found.hasShape(shape)) {
      throw node.refused(
          "needs '"
              + symbol.nodes().get(node.inputs().get(place)).name()
              + "' of "
              + Arrays.toString(shape).replace("-1", "any")
              + ", it is "
              + found.sizes());
    }
    return found;
  }

  /** As {@link #weights}; symbols before MXNet 0.9 do not list running statistics as inputs. */
  Tensor statistics(Node node, int place, String suffix, long length) {
    Tensor implied = parameters.get("aux:" + node.name() + suffix);
    return place >= node.inputs().size() && implied != null && implied.hasShape(length)
        ? implied
        : weights(node, place, length);
  }

  private static void requireInput(Node node, int place) {
    if (place >= node.inputs().size()) {
      throw node.refused("has only " + node.inputs().size() + " inputs");
    }
  }
}
