package io.sparkface.models.interop.torch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.base.pickle.PickleMachine;
import io.sparkface.base.pickle.Vocabulary;
import io.sparkface.models.interop.HalfFloat;
import io.sparkface.models.interop.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A PyTorch state dict, floating-point arrays by name, out of a checkpoint ({@code torch.save}: a
 * zip archive of {@code data.pkl} and {@code data/KEY}) or safetensors. The pickle is read as data:
 * it may name the functions that put tensors together, and nothing else, and none of them is run.
 * Integers ({@code num_batches_tracked}) are left out, prefixes {@code module.}, {@code
 * state_dict}, {@code model} and the like undone.
 */
public final class TorchWeights {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_HEADER = 100 << 20;

  private TorchWeights() {}

  /**
   * @throws UserError when the file is damaged, holds no state dict, or asks for code
   */
  public static Map<String, Tensor> read(byte[] bytes, String where) {
    boolean zip = bytes.length > 1 && bytes[0] == 'P' && bytes[1] == 'K';
    try {
      Map<String, Tensor> found = zip ? checkpoint(bytes, where) : safetensors(bytes, where);
      Map<String, Tensor> plain = new LinkedHashMap<>();
      found.forEach(
          (name, tensor) -> plain.put(name.replaceFirst("^(?:module|_orig_mod)\\.", ""), tensor));
      return plain;
    } catch (IndexOutOfBoundsException
        | ClassCastException
        | ArithmeticException
        | NullPointerException e) {
      throw damaged("the weights are damaged", where);
    }
  }

  private static Map<String, Tensor> checkpoint(byte[] bytes, String where) {
    Map<String, ByteBuffer> entries = StoredZip.read(bytes, where);
    String pickle =
        entries.keySet().stream()
            .filter(name -> name.equals("data.pkl") || name.endsWith("/data.pkl"))
            .findFirst()
            .orElseThrow(() -> damaged("the archive has no data.pkl", where));
    String folder = pickle.substring(0, pickle.length() - "data.pkl".length());
    if (entries.containsKey(folder + "constants.pkl")) {
      throw new UserError(
          "the archive is a TorchScript program, which carries code",
          where,
          "save model.state_dict() with torch.save, or export the model as ONNX");
    }
    ByteBuffer order = entries.get(folder + "byteorder");
    if (order != null && order.capacity() > 0 && order.get(0) != 'l') {
      throw damaged("the numbers are big-endian", where);
    }
    byte[] program = new byte[entries.get(pickle).capacity()];
    entries.get(pickle).get(0, program);
    Object root =
        PickleMachine.read(program, where + " " + pickle, new Words(entries, folder, where));
    return stateDict(root).orElseThrow(() -> damaged("the checkpoint holds no state dict", where));
  }

  /** The dictionary itself, or one within it that has tensors. */
  private static Optional<Map<String, Tensor>> stateDict(Object root) {
    if (!(root instanceof Map<?, ?> map)) {
      return Optional.empty();
    }
    Map<String, Tensor> found = new LinkedHashMap<>();
    map.forEach(
        (name, value) -> {
          if (name instanceof String text && value instanceof Tensor tensor) {
            found.put(text, tensor);
          }
        });
    if (!found.isEmpty()) {
      return Optional.of(found);
    }
    return List.of("state_dict_backbone", "state_dict", "model_state_dict", "model", "backbone")
        .stream()
        .map(map::get)
        .flatMap(inner -> stateDict(inner).stream())
        .findFirst();
  }

  /** What the pickle of a state dict may ask for. */
  private record Words(Map<String, ByteBuffer> entries, String folder, String where)
      implements Vocabulary {
    private static final Set<String> KNOWN =
        Set.of(
            "collections.OrderedDict",
            "torch._utils._rebuild_tensor_v2",
            "torch._utils._rebuild_parameter",
            "torch.Size",
            "torch.FloatStorage",
            "torch.DoubleStorage",
            "torch.HalfStorage",
            "torch.BFloat16Storage",
            "torch.LongStorage",
            "torch.IntStorage",
            "torch.ShortStorage",
            "torch.CharStorage",
            "torch.ByteStorage",
            "torch.BoolStorage");

    /** Numbers that several tensors may share. */
    private record Storage(String type, ByteBuffer bytes, long count) {}

    /** An array of integers, which no network here needs. */
    private record Integers() {}

    @Override
    public boolean knows(String name) {
      return KNOWN.contains(name);
    }

    @Override
    public Object call(String name, List<Object> arguments) {
      return switch (name) {
        case "collections.OrderedDict" -> ordered(arguments);
        case "torch._utils._rebuild_tensor_v2" -> tensor(arguments);
        case "torch._utils._rebuild_parameter" -> arguments.get(0);
        case "torch.Size" -> arguments.get(0);
        default -> throw new ClassCastException(name + " is no function");
      };
    }

    private static Object ordered(List<Object> arguments) {
      Map<Object, Object> map = new LinkedHashMap<>();
      if (!arguments.isEmpty()) {
        for (Object pair : (List<?>) arguments.get(0)) {
          map.put((String) ((List<?>) pair).get(0), ((List<?>) pair).get(1));
        }
      }
      return map;
    }

    /** An OrderedDict's attributes say nothing that is needed. */
    @Override
    public void build(Object object, Object state) {
      if (!(object instanceof Map)) {
        throw new ClassCastException("something that has no state is given one");
      }
    }

    @Override
    public String remedy() {
      return "save model.state_dict() alone with torch.save, or as safetensors";
    }

    /** ("storage", type, key, device, count). */
    @Override
    public Object persistent(Object id) {
      List<?> parts = (List<?>) id;
      String type = ((PickleMachine.Name) parts.get(1)).name();
      String key = (String) parts.get(2);
      ByteBuffer bytes = entries.get(folder + "data/" + key);
      if (bytes == null) {
        throw damaged("the archive has no data/" + key, where);
      }
      return new Storage(type, bytes, (Long) parts.get(4));
    }

    /** (storage, offset, sizes, strides, …). */
    private Object tensor(List<Object> arguments) {
      Storage storage = (Storage) arguments.get(0);
      int size =
          switch (storage.type()) {
            case "torch.FloatStorage" -> 4;
            case "torch.DoubleStorage" -> 8;
            case "torch.HalfStorage", "torch.BFloat16Storage" -> 2;
            default -> 0;
          };
      if (size == 0) {
        return new Integers();
      }
      List<?> sizes = (List<?>) arguments.get(2);
      List<?> strides = (List<?>) arguments.get(3);
      long[] shape = new long[sizes.size()];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = (Long) sizes.get(i);
      }
      int count = Tensor.count(shape);
      long available = storage.bytes().capacity() / size;
      if (count > available || strides.size() != shape.length) {
        throw damaged("a tensor claims " + count + " numbers of " + available, where);
      }
      float[] values = new float[count];
      int[] at = new int[shape.length];
      long from = (Long) arguments.get(1);
      for (int to = 0; to < count; to++) {
        values[to] = number(storage, Math.toIntExact(Math.multiplyExact(from, (long) size)));
        for (int axis = shape.length - 1; axis >= 0; axis--) {
          long stride = (Long) strides.get(axis);
          from += stride;
          if (++at[axis] < shape[axis]) {
            break;
          }
          from -= shape[axis] * stride;
          at[axis] = 0;
        }
      }
      return new Tensor(shape, values);
    }

    private static float number(Storage storage, int at) {
      return switch (storage.type()) {
        case "torch.FloatStorage" -> storage.bytes().getFloat(at);
        case "torch.DoubleStorage" -> (float) storage.bytes().getDouble(at);
        case "torch.HalfStorage" -> HalfFloat.toFloat(storage.bytes().getShort(at));
        default -> Float.intBitsToFloat(storage.bytes().getShort(at) << 16);
      };
    }
  }

  private static Map<String, Tensor> safetensors(byte[] bytes, String where) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long headerSize = bytes.length < 8 ? -1 : buffer.getLong(0);
    if (headerSize < 2 || headerSize > MOST_HEADER || headerSize > bytes.length - 8) {
      throw damaged("the file is neither a checkpoint nor safetensors", where);
    }
    JsonNode header;
    try {
      header = JSON.readTree(bytes, 8, (int) headerSize);
    } catch (IOException e) {
      throw damaged("the file is neither a checkpoint nor safetensors", where);
    }
    ByteBuffer data = buffer.slice(8 + (int) headerSize, bytes.length - 8 - (int) headerSize);
    Map<String, Tensor> found = new LinkedHashMap<>();
    header
        .fields()
        .forEachRemaining(
            field -> {
              if (!field.getKey().equals("__metadata__")) {
                tensor(field.getKey(), field.getValue(), data, where)
                    .ifPresent(tensor -> found.put(field.getKey(), tensor));
              }
            });
    return found;
  }

  private static Optional<Tensor> tensor(
      String name, JsonNode node, ByteBuffer data, String where) {
    String type = node.path("dtype").asText();
    int size =
        switch (type) {
          case "F64" -> 8;
          case "F32" -> 4;
          case "F16", "BF16" -> 2;
          default -> 0;
        };
    if (size == 0) {
      return Optional.empty();
    }
    List<Long> sizes = new ArrayList<>();
    node.path("shape").forEach(axis -> sizes.add(axis.asLong(-1)));
    long[] shape = sizes.stream().mapToLong(Long::longValue).toArray();
    int count = Tensor.count(shape);
    long from = node.path("data_offsets").path(0).asLong(-1);
    long to = node.path("data_offsets").path(1).asLong(-1);
    if (from < 0 || to > data.capacity() || to - from != (long) count * size) {
      throw damaged("'" + name + "' does not lie where its shape says", where);
    }
    ByteBuffer own = data.slice((int) from, (int) (to - from)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (type) {
            case "F64" -> (float) own.getDouble();
            case "F32" -> own.getFloat();
            case "F16" -> HalfFloat.toFloat(own.getShort());
            default -> Float.intBitsToFloat(own.getShort() << 16);
          };
    }
    return Optional.of(new Tensor(shape, values));
  }

  private static UserError damaged(String problem, String where) {
    return new UserError(problem, where, "save the state dict with torch.save or as safetensors");
  }
}
