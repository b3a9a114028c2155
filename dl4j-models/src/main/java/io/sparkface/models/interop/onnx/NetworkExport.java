package io.sparkface.models.interop.onnx;

import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.embedding.EmbeddingHead;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.PoolingShape;
import io.sparkface.models.layers.Activate;
import io.sparkface.models.layers.BatchNormAct;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.Concat;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.GlobalAveragePool;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.layers.ParameterBlock.Part;
import io.sparkface.models.layers.Pool;
import io.sparkface.models.layers.ResidualAdd;
import io.sparkface.models.layers.SqueezeExcite;
import io.sparkface.models.layers.StochasticDepth;
import io.sparkface.models.layers.ZeroPad;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes a Sparkface network as an ONNX model: input {@value #IMAGE} {@code [batch, 3, height,
 * width]} (NCHW, RGB), output {@value #EMBEDDING} {@code [batch, embeddingSize]}, not normalised,
 * and with a {@link CosineOutput} also {@value #COSINES} {@code [batch, identities]}. Every kind of
 * layer has a {@link LayerExport}; a layer without one is refused by name.
 */
public final class NetworkExport {
  public static final String IMAGE = "image";
  public static final String EMBEDDING = EmbeddingHead.VERTEX;
  public static final String COSINES = "cosines";

  /** Below this squared norm a vector is not brought to unit length (spec 0). */
  private static final float LEAST_SQUARE = 1e-5f;

  private static final Map<Class<?>, LayerExport<?>> EXPORTS = new HashMap<>();

  static {
    register(ConvBnAct.class, new ConvBnActExport());
    register(BatchNormAct.class, NetworkExport::normalisation);
    register(
        GlobalAveragePool.class,
        (layer, site) -> site.graph().add("GlobalAveragePool", site.name(), site.input()));
    register(SqueezeExcite.class, new SqueezeExciteExport());
    register(
        Activate.class,
        (layer, site) ->
            ActivationExport.write(
                site.graph(),
                layer.act(),
                site.name(),
                site.input(),
                site.part(layer.block(), Part.ALPHA)));
    register(Pool.class, NetworkExport::pool);
    register(ZeroPad.class, NetworkExport::zeroPad);
    register(
        Concat.class,
        (layer, site) ->
            site.graph().add("Concat", site.name(), site.inputs(), Attributes.number("axis", 1)));
    register(StochasticDepth.class, NetworkExport::stochasticDepth);
    register(
        ScaleVertex.class,
        (layer, site) -> scaled(site, site.name(), site.input(), layer.getScaleFactor()));
    register(
        ResidualAdd.class, (layer, site) -> site.graph().add("Add", site.name(), site.inputs()));
  }

  private final ComputationGraph network;
  private final OnnxGraph graph;
  private final Map<String, InputType> types;

  private NetworkExport(ComputationGraph network, NetworkSpec spec) {
    this.network = network;
    this.graph = new OnnxGraph(spec.backbone());
    this.types =
        network
            .getConfiguration()
            .getLayerActivationTypes(
                InputType.convolutional(spec.height(), spec.width(), 3, CNN2DFormat.NHWC));
  }

  private static <L> void register(Class<L> kind, LayerExport<L> export) {
    EXPORTS.put(kind, export);
  }

  /**
   * @param network a graph with one input and a vertex {@value #EMBEDDING}; what lies behind that
   *     vertex is left out
   * @param head the cosines to add as a second output
   * @throws UserError when a layer is of a kind that cannot be written
   */
  public static OnnxModel of(
      ComputationGraph network, NetworkSpec spec, PixelInput pixels, Optional<CosineOutput> head) {
    return new NetworkExport(network, spec).write(spec, pixels, head);
  }

  private OnnxModel write(NetworkSpec spec, PixelInput pixels, Optional<CosineOutput> head) {
    ComputationGraphConfiguration conf = network.getConfiguration();
    Map<String, String> values = new HashMap<>();
    String image = graph.input(IMAGE, OnnxGraph.BATCH, 3, spec.height(), spec.width());
    values.put(
        conf.getNetworkInputs().get(0), pixels == PixelInput.RAW ? normalised(image) : image);
    Set<String> wanted = ancestors(conf);
    for (var vertex : verticesInOrder()) {
      if (wanted.contains(vertex)) {
        List<String> from = conf.getVertexInputs().get(vertex);
        export(
            conf.getVertices().get(vertex), vertex, from, from.stream().map(values::get).toList());
        values.put(vertex, vertex);
      }
    }
    graph.output(EMBEDDING, OnnxGraph.BATCH, spec.embeddingSize());
    head.ifPresent(this::cosines);
    return graph.model();
  }

  private String normalised(String image) {
    String centred =
        graph.add("Sub", "image_centred", List.of(image, graph.scalar("pixel_mean", 127.5)));
    return graph.add(
        "Mul", "image_normalised", List.of(centred, graph.scalar("pixel_factor", 1 / 128.0)));
  }

  private List<String> verticesInOrder() {
    return java.util.Arrays.stream(network.topologicalSortOrder())
        .mapToObj(index -> network.getVertices()[index].getVertexName())
        .toList();
  }

  private static Set<String> ancestors(ComputationGraphConfiguration conf) {
    Set<String> found = new HashSet<>();
    collect(EMBEDDING, conf, found);
    return found;
  }

  private static void collect(
      String vertex, ComputationGraphConfiguration conf, Set<String> found) {
    if (conf.getVertices().containsKey(vertex) && found.add(vertex)) {
      conf.getVertexInputs().get(vertex).forEach(input -> collect(input, conf, found));
    }
  }

  private void export(GraphVertex vertex, String name, List<String> from, List<String> inputs) {
    Object kind = vertex;
    if (vertex instanceof LayerVertex layerVertex) {
      if (layerVertex.getPreProcessor() != null) {
        throw unknown(layerVertex.getPreProcessor().getClass(), name);
      }
      kind = layerVertex.getLayerConf().getLayer();
    }
    write(kind, name, new LayerSite(name, inputs, types.get(from.get(0)), parameters(name), graph));
  }

  @SuppressWarnings("unchecked") // register pairs each class with an export of that class
  private static void write(Object kind, String name, LayerSite site) {
    LayerExport<?> export = EXPORTS.get(kind.getClass());
    if (export == null) {
      throw unknown(kind.getClass(), name);
    }
    ((LayerExport<Object>) export).write(kind, site);
  }

  private INDArray parameters(String name) {
    var layer = network.getLayer(name);
    return layer == null ? null : layer.paramTable().get(ParameterBlock.KEY);
  }

  private static UserError unknown(Class<?> kind, String name) {
    return new UserError(
        "layers of the kind " + kind.getSimpleName() + " cannot be written as ONNX",
        "layer '" + name + "'",
        "export a network without them");
  }

  private static void normalisation(BatchNormAct layer, LayerSite site) {
    boolean plain = layer.act() == Activation.NONE;
    String result = plain ? site.name() : site.name() + "_bn";
    ConvBnActExport.normalisation((BlockLayer) layer, site, site.input(), result);
    if (!plain) {
      ActivationExport.write(
          site.graph(), layer.act(), site.name(), result, site.part(layer.block(), Part.ALPHA));
    }
  }

  /** Positions outside the picture count for nothing. */
  private static void pool(Pool layer, LayerSite site) {
    var image = site.image();
    PoolingShape shape = layer.shape(1, image.getHeight(), image.getWidth(), image.getChannels());
    int kernel = shape.kernel();
    int stride = shape.stride();
    int height = shape.height();
    int width = shape.width();
    site.graph()
        .add(
            shape.kind() == PoolingShape.Kind.MAX ? "MaxPool" : "AveragePool",
            site.name(),
            site.input(),
            Attributes.numbers("kernel_shape", kernel, kernel),
            Attributes.numbers("strides", stride, stride),
            Attributes.numbers(
                "pads",
                shape.padding().before(height, kernel, stride),
                shape.padding().before(width, kernel, stride),
                shape.padding().after(height, kernel, stride),
                shape.padding().after(width, kernel, stride)));
  }

  /** Negative sizes cut, in ONNX as here. */
  private static void zeroPad(ZeroPad layer, LayerSite site) {
    String pads =
        site.graph()
            .numbers(
                site.name() + "_pads",
                0,
                0,
                layer.before(),
                layer.before(),
                0,
                0,
                layer.after(),
                layer.after());
    site.graph().add("Pad", site.name(), List.of(site.input(), pads));
  }

  /** All branches take part after training, some of them scaled. */
  private static void stochasticDepth(StochasticDepth layer, LayerSite site) {
    String branch = site.inputs().get(0);
    if (layer.kept() == StochasticDepth.Kept.PER_BATCH) {
      branch = scaled(site, site.name() + "_branch", branch, layer.survival());
    }
    site.graph().add("Add", site.name(), List.of(branch, site.inputs().get(1)));
  }

  private static String scaled(LayerSite site, String name, String input, double factor) {
    return site.graph()
        .add("Mul", name, List.of(input, site.graph().scalar(name + "_factor", factor)));
  }

  private void cosines(CosineOutput head) {
    INDArray weights = head.weights().castTo(DataType.FLOAT);
    long identities = weights.size(1) / head.subCentres();
    String unit = unitLength(EMBEDDING);
    String centres =
        graph.weights(
            "centres", LayerSite.values(unitColumns(weights)), weights.size(0), weights.size(1));
    boolean single = head.subCentres() == 1;
    String all = graph.add("MatMul", single ? COSINES : "all_cosines", List.of(unit, centres));
    if (!single) {
      String grouped =
          graph.add(
              "Reshape",
              "cosines_by_identity",
              List.of(all, graph.numbers("cosine_shape", -1, identities, head.subCentres())));
      graph.add(
          "ReduceMax",
          COSINES,
          List.of(grouped, graph.numbers("sub_centre_axis", 2)),
          Attributes.number("keepdims", 0));
    }
    graph.output(COSINES, OnnxGraph.BATCH, identities);
  }

  private String unitLength(String vectors) {
    String square =
        graph.add(
            "ReduceSumSquare",
            vectors + "_square",
            List.of(vectors, graph.numbers("vector_axis", 1)),
            Attributes.number("keepdims", 1));
    String floor =
        graph.add(
            "Max", vectors + "_floor", List.of(square, graph.scalar("least_square", LEAST_SQUARE)));
    return graph.add(
        "Div", vectors + "_unit", List.of(vectors, graph.add("Sqrt", vectors + "_norm", floor)));
  }

  private static INDArray unitColumns(INDArray weights) {
    INDArray squares = weights.mul(weights).sum(true, 0);
    INDArray norms =
        org.nd4j.linalg.ops.transforms.Transforms.sqrt(
            org.nd4j.linalg.ops.transforms.Transforms.max(squares, LEAST_SQUARE));
    return weights.div(norms);
  }
}
