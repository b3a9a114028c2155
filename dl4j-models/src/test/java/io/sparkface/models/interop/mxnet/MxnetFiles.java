package io.sparkface.models.interop.mxnet;

import io.sparkface.models.interop.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes small MXNet models for tests. */
final class MxnetFiles {
  private final List<String> nodes = new ArrayList<>();
  private final Map<String, Tensor> arrays = new LinkedHashMap<>();

  MxnetFiles() {
    nodes.add("{\"op\": \"null\", \"name\": \"data\", \"inputs\": []}");
  }

  /** A variable, with its array under its name. */
  MxnetFiles array(String kind, String name, long[] shape, float... values) {
    nodes.add("{\"op\": \"null\", \"name\": \"" + name + "\", \"inputs\": []}");
    arrays.put(kind + ":" + name, new Tensor(shape, values));
    return this;
  }

  /** A node over the data and the {@code weights} variables that were added last. */
  MxnetFiles node(String op, String attributes, int weights) {
    StringBuilder inputs = new StringBuilder("[0, 0, 0]");
    for (int i = nodes.size() - weights; i < nodes.size(); i++) {
      inputs.append(", [").append(i).append(", 0, 0]");
    }
    nodes.add(
        "{\"op\": \"%s\", \"name\": \"out\", \"attrs\": {%s}, \"inputs\": [%s]}"
            .formatted(op, attributes.replace('\'', '"'), inputs));
    return this;
  }

  byte[] symbol() {
    return ("{\"nodes\": [%s], \"heads\": [[%d, 0, 0]]}"
            .formatted(String.join(", ", nodes), nodes.size() - 1))
        .getBytes(StandardCharsets.UTF_8);
  }

  byte[] params() {
    return params(arrays);
  }

  static byte[] params(Map<String, Tensor> arrays) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    longs(out, 0x112, 0, arrays.size());
    for (Tensor array : arrays.values()) {
      ints(out, 0xF993FAC9, 0, array.shape().length);
      longs(out, array.shape());
      ints(out, 1, 0, 0);
      for (float value : array.values()) {
        ints(out, Float.floatToIntBits(value));
      }
    }
    longs(out, arrays.size());
    for (String name : arrays.keySet()) {
      longs(out, name.length());
      out.writeBytes(name.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private static void ints(ByteArrayOutputStream out, int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    out.writeBytes(bytes.array());
  }

  private static void longs(ByteArrayOutputStream out, long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    out.writeBytes(bytes.array());
  }
}
