package io.sparkface.models.interop.keras;

import io.sparkface.base.UserError;
import io.sparkface.models.embedding.EmbeddingHead;
import io.sparkface.models.interop.NetworkParameters;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.layers.ParameterBlock.Part;
import io.sparkface.models.layers.SqueezeExcite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Keras' weights as those of a Sparkface network, whether a graph was saved beside them or not. The
 * networks are Keras_insightface's and keras.applications', but layers have other names; so each of
 * ours takes, in the order in which both were put together, the first kernel, normalisation and
 * slopes of its shape that none before it took. A normalisation goes with the kernel that is called
 * as it is ({@code conv1_conv}, {@code conv1_bn}), as branches side by side are saved in the order
 * of their lengths; names that Keras counted ({@code conv2d_17}) say in which order they were made.
 *
 * <p>Layers side by side that could have been mistaken for one another are an error. What stands
 * behind a layer {@code embedding}, a margin head, is left out. A file without an embedding sets
 * the backbone alone. All that is left over, on either side, is an error: then the file is another
 * network's.
 */
public final class KerasWeights {
  private static final Pattern COUNTED =
      Pattern.compile(
          "(conv2d|depthwise_conv2d|separable_conv2d|batch_normalization|p_re_lu|dense)(?:_(\\d{1,9}))?");

  /** Of a Normalization layer; how pixels come in is the plan's. */
  private static final Set<String> INPUT_STATISTICS = Set.of("mean", "variance", "count");

  private static final Pattern KIND =
      Pattern.compile("separable_conv2d|conv2d|conv|batch_normalization|batchnorm|bn");

  private final String where;
  private final List<Kernel> kernels = new ArrayList<>();
  private final List<Normalisation> normalisations = new ArrayList<>();
  private final List<Slopes> slopes = new ArrayList<>();

  private final Assignments assignments;

  private KerasWeights(ComputationGraph graph, String where) {
    this.where = where;
    this.assignments = new Assignments(graph.getConfiguration().getVertexInputs());
  }

  /** Of a convolution or a dense layer. */
  private record Kernel(String layer, Tensor values, Optional<Tensor> bias) {

    /**
     * Whether it is of {@code [height, width, in / groups, out]}, or as many rows of a dense layer.
     */
    boolean fits(long[] shape, boolean biased) {
      long out = shape[3];
      long rows = shape[0] * shape[1] * shape[2];
      boolean depthwise =
          shape[2] == 1
              && values.hasShape(shape[0], shape[1], -1, -1)
              && values.shape()[2] * values.shape()[3] == out;
      return biased == bias.isPresent()
          && (values.hasShape(shape) || values.hasShape(rows, out) || depthwise);
    }
  }

  private record Normalisation(
      String layer, Optional<Tensor> gamma, Optional<Tensor> beta, Tensor mean, Tensor variance) {

    boolean fits(long channels, boolean scaled) {
      return mean.values().length == channels
          && variance.values().length == channels
          && scaled == gamma.isPresent()
          && beta.isPresent();
    }
  }

  private record Slopes(String layer, Tensor values) {}

  /**
   * Sets the parameters of a graph's layers up to its embedding.
   *
   * @return whether the file had an embedding; else those layers keep their first values
   * @throws UserError when the file is damaged, or naming the layer that finds no weights, the
   *     weights that find no layer, or those that could be of either of two
   */
  public static boolean copy(byte[] h5, ComputationGraph graph, String where) {
    return copy(KerasFile.read(h5, where), graph, where);
  }

  static boolean copy(KerasFile file, ComputationGraph graph, String where) {
    KerasWeights weights = new KerasWeights(graph, where);
    weights.collect(file);
    inOrderOfMaking(weights.kernels, Kernel::layer);
    inOrderOfMaking(weights.normalisations, Normalisation::layer);
    inOrderOfMaking(weights.slopes, Slopes::layer);
    boolean embedded = weights.copy(NetworkParameters.of(graph));
    weights.assignments.check(where);
    return embedded;
  }

  private void collect(KerasFile file) {
    for (Map.Entry<String, Map<String, Tensor>> group : file.weights().entrySet()) {
      Map<String, Map<String, Tensor>> inner = new LinkedHashMap<>();
      group
          .getValue()
          .forEach(
              (path, tensor) -> {
                int end = path.lastIndexOf('/');
                String layer = end < 0 ? group.getKey() : path.substring(0, end);
                inner
                    .computeIfAbsent(layer, key -> new LinkedHashMap<>())
                    .put(path.substring(end + 1), tensor);
              });
      for (Map.Entry<String, Map<String, Tensor>> layer : inner.entrySet()) {
        add(layer.getKey(), layer.getValue());
      }
      boolean whole =
          inner.keySet().stream().anyMatch(name -> name.endsWith("/" + KerasModel.EMBEDDING));
      if (group.getKey().equals(KerasModel.EMBEDDING) || whole) {
        return;
      }
    }
  }

  /** Sorts what has counted names among the places of what has counted names of the same kind. */
  private static <T> void inOrderOfMaking(List<T> found, Function<T, String> name) {
    Map<String, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < found.size(); i++) {
      Matcher counted = COUNTED.matcher(own(name.apply(found.get(i))));
      if (counted.matches()) {
        places.computeIfAbsent(counted.group(1), key -> new ArrayList<>()).add(i);
      }
    }
    for (List<Integer> indices : places.values()) {
      List<T> sorted = new ArrayList<>(indices.stream().map(found::get).toList());
      sorted.sort(Comparator.comparingInt(item -> count(name.apply(item))));
      for (int i = 0; i < sorted.size(); i++) {
        found.set(indices.get(i), sorted.get(i));
      }
    }
  }

  private static int count(String layer) {
    Matcher counted = COUNTED.matcher(own(layer));
    return counted.matches() && counted.group(2) != null ? Integer.parseInt(counted.group(2)) : 0;
  }

  private static String own(String layer) {
    return layer.substring(layer.lastIndexOf('/') + 1);
  }

  /** What a kernel's name and its normalisation's have in common. */
  private static String stem(String layer) {
    return KIND.matcher(own(layer).toLowerCase(Locale.ROOT))
        .replaceAll("")
        .replaceAll("_+", "_")
        .replaceAll("^_|_$", "");
  }

  private void add(String layer, Map<String, Tensor> parts) {
    Optional<Tensor> bias = Optional.ofNullable(parts.get("bias"));
    if (parts.containsKey("moving_mean") && parts.containsKey("moving_variance")) {
      normalisations.add(
          new Normalisation(
              layer,
              Optional.ofNullable(parts.get("gamma")),
              Optional.ofNullable(parts.get("beta")),
              parts.get("moving_mean"),
              parts.get("moving_variance")));
    } else if (parts.containsKey("alpha")) {
      slopes.add(new Slopes(layer, parts.get("alpha")));
    } else if (parts.containsKey("pointwise_kernel") && parts.containsKey("depthwise_kernel")) {
      kernels.add(new Kernel(layer, parts.get("depthwise_kernel"), Optional.empty()));
      kernels.add(new Kernel(layer, parts.get("pointwise_kernel"), bias));
    } else if (parts.containsKey("kernel")) {
      kernels.add(new Kernel(layer, parts.get("kernel"), bias));
    } else if (parts.containsKey("depthwise_kernel")) {
      kernels.add(new Kernel(layer, parts.get("depthwise_kernel"), bias));
    } else if (!parts.keySet().equals(INPUT_STATISTICS)) {
      throw refused(
          "the layer '" + layer + "' has weights " + parts.keySet() + " of no known kind");
    }
  }

  private boolean copy(List<NetworkParameters> layers) {
    boolean embedded = true;
    for (NetworkParameters layer : layers) {
      boolean exhausted = kernels.isEmpty() && normalisations.isEmpty() && slopes.isEmpty();
      if (exhausted && EmbeddingHead.has(layer.vertex())) {
        embedded = false;
      } else {
        copy(layer);
      }
    }
    Stream.concat(
            Stream.concat(
                kernels.stream().map(Kernel::layer),
                normalisations.stream().map(Normalisation::layer)),
            slopes.stream().map(Slopes::layer))
        .findFirst()
        .ifPresent(
            layer -> {
              throw refused(
                  "the weights of the layer '" + layer + "' have no place in the network");
            });
    return embedded;
  }

  private void copy(NetworkParameters layer) {
    INDArray kernel = layer.layer().block().view(layer.values(), Part.KERNEL);
    INDArray bias = layer.layer().block().view(layer.values(), Part.BIAS);
    Optional<String> named = Optional.empty();
    if (layer.layer() instanceof SqueezeExcite squeeze) {
      copy(squeeze, layer.vertex(), kernel, bias);
    } else if (kernel != null) {
      Kernel found = kernel(layer.vertex(), bias != null, kernel.shape());
      copy(found, kernel, bias);
      named = Optional.of(stem(found.layer()));
    }
    INDArray statistics = layer.layer().block().view(layer.values(), Part.STATISTICS);
    if (statistics != null) {
      copyNormalisation(layer, statistics, named);
    }
    INDArray alpha = layer.layer().block().view(layer.values(), Part.ALPHA);
    if (alpha != null) {
      String what = alpha.length() + " slopes";
      Slopes found =
          taken(
              slopes,
              candidate -> candidate.values().values().length == alpha.length(),
              layer.vertex(),
              what);
      assignments.add(layer.vertex(), what, found.layer());
      set(alpha, found.values());
    }
    if (layer.layer().block().view(layer.values(), Part.POSITIONS) != null) {
      throw refused("the layer '" + layer.vertex() + "' has no counterpart in Keras");
    }
  }

  private Kernel kernel(String vertex, boolean biased, long... shape) {
    String what =
        "a kernel of "
            + Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining("x"))
            + (biased ? " with a bias" : "");
    Kernel found = taken(kernels, candidate -> candidate.fits(shape, biased), vertex, what);
    assignments.add(vertex, what, found.layer());
    return found;
  }

  private static void copy(Kernel found, INDArray kernel, INDArray bias) {
    set(kernel, found.values());
    found.bias().ifPresent(values -> set(bias, values));
  }

  /** Both kernels lie behind one another, and so do their biases. */
  private void copy(SqueezeExcite squeeze, String vertex, INDArray kernel, INDArray bias) {
    long in = squeeze.getNIn();
    long hidden = squeeze.hidden();
    Kernel reduce = kernel(vertex, bias != null, 1, 1, in, hidden);
    Kernel expand = kernel(vertex, bias != null, 1, 1, hidden, in);
    set(kernel.getRow(0), reduce.values());
    set(kernel.getRow(1), expand.values());
    reduce.bias().ifPresent(values -> set(bias.get(NDArrayIndex.interval(0, hidden)), values));
    expand
        .bias()
        .ifPresent(values -> set(bias.get(NDArrayIndex.interval(hidden, hidden + in)), values));
  }

  private void copyNormalisation(
      NetworkParameters layer, INDArray statistics, Optional<String> kernel) {
    INDArray scaleShift = layer.layer().block().view(layer.values(), Part.SCALE_SHIFT);
    INDArray shift = layer.layer().block().view(layer.values(), Part.SHIFT);
    long channels = statistics.size(1);
    Predicate<Normalisation> fits = candidate -> candidate.fits(channels, scaleShift != null);
    Predicate<Normalisation> named =
        candidate -> kernel.equals(Optional.of(stem(candidate.layer())));
    boolean known = normalisations.stream().anyMatch(fits.and(named));
    String what = "a normalisation of " + channels + " channels";
    Normalisation found =
        taken(normalisations, known ? fits.and(named) : fits, layer.vertex(), what);
    if (!known) {
      assignments.add(layer.vertex(), what, found.layer());
    }
    set(statistics.getRow(0), found.mean());
    set(statistics.getRow(1), found.variance());
    found.gamma().ifPresent(values -> set(scaleShift.getRow(0), values));
    found
        .beta()
        .ifPresent(values -> set(scaleShift == null ? shift : scaleShift.getRow(1), values));
  }

  private static void set(INDArray place, Tensor values) {
    place.assign(Nd4j.createFromArray(values.values()).reshape('c', place.shape()));
  }

  private <T> T taken(List<T> from, Predicate<T> fits, String vertex, String what) {
    for (Iterator<T> rest = from.iterator(); rest.hasNext(); ) {
      T next = rest.next();
      if (fits.test(next)) {
        rest.remove();
        return next;
      }
    }
    throw refused("the layer '" + vertex + "' needs " + what + ", and the file has none left");
  }

  private UserError refused(String problem) {
    return new UserError(problem, where, "name the network the weights were saved from");
  }
}
