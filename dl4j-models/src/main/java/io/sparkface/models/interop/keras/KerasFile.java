package io.sparkface.models.interop.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.object.message.DataLayout;
import io.sparkface.base.UserError;
import io.sparkface.models.interop.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keras' HDF5 layout: the root's attributes {@code model_config} (JSON; absent where only weights
 * were saved) and {@code keras_version}; the group {@code model_weights}, or the root itself, with
 * {@code layer_names}; in it a group per layer with {@code weight_names}, each the path of a
 * dataset below. An attribute that is too long is cut into {@code layer_names0}, {@code
 * layer_names1}, …
 *
 * <p>Links are not followed: a soft one could go in circles, an external one leaves the file. Data
 * in chunks, which may be compressed, are refused; Keras writes arrays whole.
 *
 * @param config the graph, where it is there
 * @param majorVersion of Keras
 * @param weights by layer and, within it, by their names without {@code :0}, such as {@code
 *     conv1/kernel}; a model within the model is one layer here, and in its weights' names the last
 *     part but one is the inner layer
 */
record KerasFile(
    Optional<JsonNode> config, int majorVersion, Map<String, Map<String, Tensor>> weights) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long RESERVED = 64 << 10;

  /**
   * @throws UserError when the bytes are no such file, or are damaged
   */
  static KerasFile read(byte[] bytes, String where) {
    // HDF5 reserves room for names behind the last byte it wrote, and jHDF reads all of it
    byte[] padded =
        Arrays.copyOf(bytes, (int) Math.min(bytes.length + RESERVED, Integer.MAX_VALUE - 8));
    try (HdfFile file = HdfFile.fromBytes(padded)) {
      return new Reader(bytes.length, where).read(file);
    } catch (UserError e) {
      throw e;
    } catch (RuntimeException | StackOverflowError | NoClassDefFoundError e) {
      // jHDF has no one exception for files that are damaged
      throw new UserError(
          "the file is no HDF5 file that can be read: " + e.getMessage(),
          where,
          "name a model that Keras saved as .h5",
          e);
    }
  }

  /** Reads one file of a length. */
  private record Reader(long length, String where) {

    KerasFile read(HdfFile file) {
      Optional<JsonNode> config = text(file, "model_config").map(this::json);
      String version = text(file, "keras_version").orElse("2");
      Node below = file.getChild("model_weights");
      Group root = below == null ? file : group(below);
      List<String> layers = texts(root, "layer_names");
      if (layers.isEmpty()) {
        throw damaged(
            root.getChild("layers") == null
                ? "the file has no layer_names"
                : "the file is of Keras 3's .weights.h5 layout, which numbers weights and does not"
                    + " name them");
      }
      Map<String, Map<String, Tensor>> weights = new LinkedHashMap<>();
      for (String layer : layers) {
        weights.put(layer, layer(group(child(root, layer)), layer));
      }
      return new KerasFile(config, version.startsWith("3") ? 3 : 2, weights);
    }

    private Map<String, Tensor> layer(Group layer, String name) {
      Map<String, Tensor> parts = new LinkedHashMap<>();
      for (String path : texts(layer, "weight_names")) {
        Node node = layer;
        for (String step : path.split("/")) {
          node = child(group(node), step);
        }
        if (parts.put(path.replaceFirst(":\\d+$", ""), tensor(node, path)) != null) {
          throw damaged("the layer '" + name + "' has two weights called '" + path + "'");
        }
      }
      return parts;
    }

    private Node child(Group group, String name) {
      Node found = group.getChild(name);
      if (found == null) {
        throw damaged("'" + name + "' is missing in " + group.getPath());
      }
      if (found.isLink()) {
        throw damaged("'" + name + "' in " + group.getPath() + " is a link");
      }
      return found;
    }

    private Group group(Node node) {
      if (node.isLink() || !(node instanceof Group group)) {
        throw damaged(node.getPath() + " is no group");
      }
      return group;
    }

    private Tensor tensor(Node node, String name) {
      if (!(node instanceof Dataset data)) {
        throw damaged("'" + name + "' is no array");
      }
      DataLayout layout = data.getDataLayout();
      if (layout != DataLayout.CONTIGUOUS && layout != DataLayout.COMPACT) {
        throw damaged("the array '" + name + "' lies in chunks");
      }
      int[] sizes = data.getDimensions();
      long[] shape = new long[sizes.length];
      for (int i = 0; i < sizes.length; i++) {
        shape[i] = sizes[i];
      }
      int count;
      try {
        count = Tensor.count(shape);
      } catch (ArithmeticException e) {
        throw damaged("the array '" + name + "' is too large");
      }
      if (2L * count > length) {
        throw damaged("the array '" + name + "' claims more than the file holds");
      }
      return new Tensor(shape, floats(data, count, name));
    }

    private float[] floats(Dataset data, int count, String name) {
      if (count == 0) {
        return new float[0];
      }
      Object values = data.isScalar() ? data.getData() : data.getDataFlat();
      if (values instanceof float[] floats) {
        return floats;
      }
      if (values instanceof double[] doubles) {
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) doubles[i];
        }
        return floats;
      }
      if (values instanceof Number number) {
        return new float[] {number.floatValue()};
      }
      // such as the count of a Normalization layer
      if (values instanceof long[] || values instanceof int[]) {
        return new float[count];
      }
      throw damaged("'" + name + "' holds " + data.getJavaType().getSimpleName() + " values");
    }

    private JsonNode json(String text) {
      try {
        return JSON.readTree(text);
      } catch (IOException e) {
        throw damaged("model_config is no JSON");
      }
    }

    private Optional<String> text(Node node, String name) {
      Object value = value(node, name);
      if (value != null && !(value instanceof String)) {
        throw damaged("the attribute " + name + " is no text");
      }
      return Optional.ofNullable((String) value);
    }

    private List<String> texts(Node node, String name) {
      List<String> found = new ArrayList<>();
      Object whole = value(node, name);
      if (whole != null) {
        add(found, whole, name);
        return found;
      }
      int pieces = 0;
      for (Object piece = value(node, name + pieces);
          piece != null;
          piece = value(node, name + pieces)) {
        add(found, piece, name);
        pieces++;
      }
      return found;
    }

    private void add(List<String> found, Object value, String name) {
      if (value instanceof String[] texts) {
        found.addAll(List.of(texts));
      } else if (!(value instanceof float[] || value instanceof double[])) {
        // numpy makes an empty list of floats
        throw damaged("the attribute " + name + " is no list of texts");
      }
    }

    private Object value(Node node, String name) {
      Attribute attribute = node.getAttributes().get(name);
      if (attribute == null) {
        return null;
      }
      if (attribute.getSizeInBytes() > length) {
        throw damaged("the attribute " + name + " claims more than the file holds");
      }
      return attribute.isEmpty() ? new float[0] : attribute.getData();
    }

    private UserError damaged(String problem) {
      return new UserError(problem, where, "name a model that Keras saved as .h5");
    }
  }
}
