package io.sparkface.models.interop.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.OnnxMl.GraphProto;
import onnx.OnnxMl.ValueInfoProto;

/**
 * The least and largest number each value of a network had while it ran on given pictures. Zero is
 * always within, as borders are filled with it.
 */
public final class ValueRanges {
  private final Map<String, float[]> bounds = new HashMap<>();

  /** From {@code least} to {@code most}. */
  record Range(float least, float most) {}

  /** Of no values. */
  ValueRanges() {}

  /**
   * Runs a network on batches of its input.
   *
   * @param where named in errors
   */
  public static ValueRanges of(
      OnnxModel model, Iterable<OnnxNetwork.Values> batches, String where) {
    Set<String> names = Int8.quantised(model);
    String input = Int8.input(model).getName();
    ValueRanges ranges = new ValueRanges();
    try (OnnxNetwork network =
        OnnxNetwork.open(watched(model, names), where, OnnxNetwork.ALL_CORES)) {
      for (OnnxNetwork.Values batch : batches) {
        Map<String, OnnxNetwork.Values> found = network.all(batch);
        for (String name : names) {
          ranges.extend(name, name.equals(input) ? batch.values() : found.get(name).values());
        }
      }
    }
    return ranges;
  }

  /** The model with the values as results. */
  private static OnnxModel watched(OnnxModel model, Set<String> names) {
    GraphProto.Builder graph = model.proto().getGraph().toBuilder();
    List<String> known = graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
    String input = Int8.input(model).getName();
    for (String name : names) {
      if (!known.contains(name) && !name.equals(input)) {
        graph.addOutput(
            ValueInfoProto.newBuilder()
                .setName(name)
                .setType(
                    onnx.OnnxMl.TypeProto.newBuilder()
                        .setTensorType(
                            onnx.OnnxMl.TypeProto.Tensor.newBuilder()
                                .setElemType(onnx.OnnxMl.TensorProto.DataType.FLOAT.getNumber()))));
      }
    }
    return new OnnxModel(model.proto().toBuilder().setGraph(graph).build());
  }

  private void extend(String name, float[] values) {
    float[] both = bounds.computeIfAbsent(name, key -> new float[2]);
    for (float value : values) {
      both[0] = Math.min(both[0], value);
      both[1] = Math.max(both[1], value);
    }
  }

  Range of(String name) {
    float[] both = bounds.get(name);
    return new Range(both[0], both[1]);
  }
}
