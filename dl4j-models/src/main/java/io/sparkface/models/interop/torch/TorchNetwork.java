package io.sparkface.models.interop.torch;

import io.sparkface.base.UserError;
import io.sparkface.models.BackboneOptions;
import io.sparkface.models.HeadOptions;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Surgery;
import io.sparkface.models.embedding.EmbeddingHead;
import io.sparkface.models.interop.NetworkParameters;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.layers.BatchNormAct;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A PyTorch state dict as the weights of a Sparkface network. Two namings are known.
 *
 * <p>arcface_torch's {@code iresnet}: {@code conv1.weight, bn1.*, prelu.weight,
 * layerI.J.{bn1,conv1,bn2,prelu,conv2,bn3,downsample.0,downsample.1}, bn2.*, fc.*, features.*}. The
 * network follows from the names.
 *
 * <p>Sparkface's own, for any network of convolutions and normalisations, such as mobilefacenet:
 * {@code LAYER.conv.weight} [out, in/groups, h, w], {@code LAYER.conv.bias}, {@code
 * LAYER.bn.{weight,bias,running_mean,running_var}}, {@code LAYER.prelu.weight}, with the layers'
 * names in the graph.
 */
public final class TorchNetwork {
  private static final Pattern UNIT = Pattern.compile("layer([1-4])\\.(\\d{1,3})\\.conv1\\.weight");
  private static final Pattern OURS = Pattern.compile("stack(\\d+)_block(\\d+)_(\\w+)");
  private static final Map<List<Integer>, String> DEPTHS =
      Map.of(
          List.of(2, 2, 2, 2), "iresnet18",
          List.of(3, 4, 6, 3), "iresnet34",
          List.of(3, 4, 14, 3), "iresnet50",
          List.of(3, 13, 30, 3), "iresnet100",
          List.of(6, 26, 60, 6), "iresnet200");

  private final Map<String, Tensor> state;
  private final String where;
  private final boolean arcfaceTorch;
  private final Set<String> used = new HashSet<>();

  private TorchNetwork(Map<String, Tensor> state, String where) {
    this.state = state;
    this.where = where;
    this.arcfaceTorch = isArcfaceTorch(state);
  }

  /** What one layer's parts are called in the file. */
  private record Names(String convolution, String normalisation, String slopes) {}

  private static boolean isArcfaceTorch(Map<String, Tensor> state) {
    return state.containsKey("layer1.0.conv1.weight") && state.containsKey("features.running_mean");
  }

  /**
   * The network a state dict belongs to, where its names tell: arcface_torch's iresnet at 112x112
   * pixels.
   */
  public static Optional<NetworkSpec> network(Map<String, Tensor> state) {
    if (!isArcfaceTorch(state)) {
      return Optional.empty();
    }
    List<TreeSet<Integer>> blocks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      blocks.add(new TreeSet<>());
    }
    for (String name : state.keySet()) {
      Matcher unit = UNIT.matcher(name);
      if (unit.matches()) {
        blocks.get(Integer.parseInt(unit.group(1)) - 1).add(Integer.parseInt(unit.group(2)));
      }
    }
    String backbone = DEPTHS.get(blocks.stream().map(Set::size).toList());
    int size = state.get("features.running_mean").values().length;
    return Optional.ofNullable(backbone)
        .map(
            name ->
                new NetworkSpec(
                    name,
                    "E",
                    size,
                    0,
                    112,
                    112,
                    0.9,
                    1e-5,
                    BackboneOptions.USUAL,
                    new HeadOptions(0, Activation.RELU, true, true),
                    Surgery.NONE));
  }

  /**
   * Sets every parameter of a graph's layers up to its embedding.
   *
   * @throws UserError naming the weight that is missing, of another shape, or has no place
   */
  public static void copy(Map<String, Tensor> state, ComputationGraph graph, String where) {
    new TorchNetwork(state, where).copy(graph);
  }

  private void copy(ComputationGraph graph) {
    for (NetworkParameters parameters : NetworkParameters.of(graph)) {
      copy(parameters.vertex(), parameters.layer(), parameters.values());
    }
    for (String name : state.keySet()) {
      if (!used.contains(name)) {
        throw refused(
            "the weights '" + name + "' have no place in the network",
            "name the network the weights were trained as");
      }
    }
  }

  private void copy(String vertex, BlockLayer layer, INDArray parameters) {
    Names names = arcfaceTorch ? arcfaceTorch(vertex) : own(vertex);
    ParameterBlock block = layer.block();
    for (Part part : block.parts()) {
      INDArray view = block.view(parameters, part);
      switch (part) {
        case KERNEL -> view.assign(kernel(layer, names, view.shape()));
        case BIAS -> view.assign(row(names.convolution() + ".bias", view));
        case ALPHA -> view.assign(row(names.slopes() + ".weight", view));
        case SCALE_SHIFT -> {
          view.getRow(0).assign(row(names.normalisation() + ".weight", view.getRow(0)));
          view.getRow(1).assign(row(names.normalisation() + ".bias", view.getRow(1)));
        }
        case SHIFT -> view.assign(row(names.normalisation() + ".bias", view));
        case STATISTICS -> {
          view.getRow(0).assign(row(names.normalisation() + ".running_mean", view.getRow(0)));
          view.getRow(1).assign(row(names.normalisation() + ".running_var", view.getRow(1)));
        }
        default -> throw unplaced(vertex);
      }
    }
    if (!(layer instanceof ConvBnAct || layer instanceof BatchNormAct)) {
      throw unplaced(vertex);
    }
  }

  private UserError unplaced(String vertex) {
    return refused(
        "the layer '" + vertex + "' has no PyTorch naming", "use a network without such layers");
  }

  /** [h, w, in / groups, out] from PyTorch's [out, in / groups, h, w], or a dense [out, in h w]. */
  private INDArray kernel(BlockLayer layer, Names names, long[] shape) {
    String name = names.convolution() + ".weight";
    Tensor found = tensor(name);
    if (found.hasShape(shape[3], shape[2] * shape[0] * shape[1])) {
      found = found.reshaped(shape[3], shape[2], shape[0], shape[1]);
    }
    if (!found.hasShape(shape[3], shape[2], shape[0], shape[1])) {
      throw misshapen(name, found, shape[3] + "x" + shape[2] + "x" + shape[0] + "x" + shape[1]);
    }
    return Nd4j.createFromArray(found.permuted(2, 3, 1, 0).values()).reshape('c', shape);
  }

  private INDArray row(String name, INDArray place) {
    Tensor found = tensor(name);
    if (found.values().length != place.length()) {
      throw misshapen(name, found, Long.toString(place.length()));
    }
    return Nd4j.createFromArray(found.values()).reshape(place.shape());
  }

  private Tensor tensor(String name) {
    Tensor found = state.get(name);
    if (found == null) {
      throw refused("the weights '" + name + "' are missing", "use a complete state dict");
    }
    used.add(name);
    return found;
  }

  private UserError misshapen(String name, Tensor found, String wanted) {
    return refused(
        "the weights '" + name + "' are " + found.sizes() + ", the network needs " + wanted,
        "name the network the weights were trained as");
  }

  private UserError refused(String problem, String remedy) {
    return new UserError(problem, where, remedy);
  }

  private static Names own(String vertex) {
    return new Names(vertex + ".conv", vertex + ".bn", vertex + ".prelu");
  }

  private Names arcfaceTorch(String vertex) {
    Matcher unit = OURS.matcher(vertex);
    if (unit.matches()) {
      int block = Integer.parseInt(unit.group(2)) - 1;
      String prefix = "layer" + unit.group(1) + "." + block + ".";
      return switch (unit.group(3)) {
        case "bn" -> new Names("", prefix + "bn1", "");
        case "conv1" -> new Names(prefix + "conv1", prefix + "bn2", prefix + "prelu");
        case "conv2" -> new Names(prefix + "conv2", prefix + "bn3", "");
        case "shortcut" -> new Names(prefix + "downsample.0", prefix + "downsample.1", "");
        default -> own(vertex);
      };
    }
    return switch (vertex) {
      case "stem" -> new Names("conv1", "bn1", "prelu");
      case "E_batchnorm" -> new Names("", "bn2", "");
      case EmbeddingHead.VERTEX -> new Names("fc", "features", "");
      default -> own(vertex);
    };
  }
}
