package io.sparkface.models.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Safetensors, float32: an 8-byte little-endian header length, a JSON header of {@code name →
 * dtype, shape, data_offsets}, then the values, row by row, tiling the rest of the file without
 * gaps. Data alone, which is why models are kept in it.
 */
public final class Safetensors {
  private static final int MOST_HEADER = 100 << 20;
  private static final int CHUNK = 1 << 18;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Safetensors() {}

  /** Writes arrays under their names, in the map's order. */
  public static void write(
      OutputStream out, Map<String, INDArray> tensors, Map<String, String> metadata)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      header.set("__metadata__", JSON.valueToTree(metadata));
    }
    long offset = 0;
    for (Map.Entry<String, INDArray> entry : tensors.entrySet()) {
      ObjectNode tensor = header.putObject(entry.getKey());
      tensor.put("dtype", "F32");
      for (long size : entry.getValue().shape()) {
        tensor.withArray("shape").add(size);
      }
      long end = offset + 4 * entry.getValue().length();
      tensor.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    out.write(head.array());
    for (INDArray tensor : tensors.values()) {
      values(out, tensor);
    }
  }

  private static void values(OutputStream out, INDArray tensor) throws IOException {
    float[] values = tensor.castTo(DataType.FLOAT).dup('c').reshape(-1).toFloatVector();
    ByteBuffer bytes = ByteBuffer.allocate(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      bytes.clear().asFloatBuffer().put(values, from, count);
      out.write(bytes.array(), 0, 4 * count);
    }
  }

  /**
   * @param where named in errors
   * @param length bytes of the file
   * @throws UserError when header and data do not agree
   */
  public static SafetensorsFile read(InputStream in, String where, long length) throws IOException {
    Header read = header(in, where, length);
    JsonNode header = read.tensors();
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    long offset = 0;
    var fields = header.fields();
    while (fields.hasNext()) {
      Map.Entry<String, JsonNode> field = fields.next();
      if (field.getKey().equals("__metadata__")) {
        field
            .getValue()
            .fields()
            .forEachRemaining(e -> metadata.put(e.getKey(), e.getValue().asText()));
        continue;
      }
      INDArray tensor = tensor(in, field.getKey(), field.getValue(), offset, where);
      offset += 4 * tensor.length();
      tensors.put(field.getKey(), tensor);
    }
    if (offset != length - 8 - read.bytes()) {
      throw damaged("the tensors do not fill the file", where);
    }
    return new SafetensorsFile(tensors, metadata);
  }

  /**
   * The sizes of one array, read from the header alone; empty where there is none of that name.
   *
   * @param where named in errors
   * @param length bytes of the file
   */
  public static Optional<long[]> shape(InputStream in, String name, String where, long length)
      throws IOException {
    JsonNode tensor = header(in, where, length).tensors().path(name);
    return tensor.isObject() ? Optional.of(shape(name, tensor, where)) : Optional.empty();
  }

  /** The header and how many bytes it takes, without its length. */
  private record Header(JsonNode tensors, long bytes) {}

  private static Header header(InputStream in, String where, long length) throws IOException {
    byte[] size = in.readNBytes(8);
    long headerSize =
        size.length < 8 ? -1 : ByteBuffer.wrap(size).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (headerSize < 2 || headerSize > MOST_HEADER || headerSize > length - 8) {
      throw damaged("the header claims " + headerSize + " bytes of " + length, where);
    }
    try {
      return new Header(JSON.readTree(in.readNBytes((int) headerSize)), headerSize);
    } catch (IOException e) {
      throw new UserError(
          "the header is no JSON: " + e.getMessage(), where, "copy the file again", e);
    }
  }

  private static long[] shape(String name, JsonNode node, String where) {
    long[] shape = new long[node.path("shape").size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = node.path("shape").get(i).asLong(-1);
      if (shape[i] < 1 || shape[i] > Integer.MAX_VALUE) {
        throw damaged("'" + name + "' has the size " + shape[i], where);
      }
    }
    return shape;
  }

  private static INDArray tensor(
      InputStream in, String name, JsonNode node, long offset, String where) throws IOException {
    if (!node.path("dtype").asText().equals("F32")) {
      throw damaged("'" + name + "' is of type " + node.path("dtype") + ", not F32", where);
    }
    long[] shape = shape(name, node, where);
    long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    JsonNode range = node.path("data_offsets");
    if (count > Integer.MAX_VALUE / 2
        || range.path(0).asLong(-1) != offset
        || range.path(1).asLong(-1) != offset + 4 * count) {
      throw damaged("'" + name + "' does not lie where its shape says", where);
    }
    float[] values = new float[(int) count];
    int filled = 0;
    while (filled < values.length) {
      int part = Math.min(CHUNK, values.length - filled);
      byte[] bytes = in.readNBytes(4 * part);
      if (bytes.length < 4 * part) {
        throw damaged("the file ends within '" + name + "'", where);
      }
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values, filled, part);
      filled += part;
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  private static UserError damaged(String problem, String where) {
    return new UserError(problem, where, "copy the file again, or write it with safetensors");
  }
}
