package io.sparkface.models;

import static io.sparkface.models.BackboneOptions.Option.ACTIVATION;
import static io.sparkface.models.BackboneOptions.Option.DROP_CONNECT;
import static io.sparkface.models.BackboneOptions.Option.SHORTCUT;
import static io.sparkface.models.BackboneOptions.Option.STEM_STRIDE;

import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import io.sparkface.models.BackboneOptions.Option;
import io.sparkface.models.backbones.Backbone;
import io.sparkface.models.backbones.DenseNet;
import io.sparkface.models.backbones.EfficientNet;
import io.sparkface.models.backbones.FaceResNet;
import io.sparkface.models.backbones.FeatureMap;
import io.sparkface.models.backbones.GhostNet;
import io.sparkface.models.backbones.InceptionResNetV2;
import io.sparkface.models.backbones.InceptionV3;
import io.sparkface.models.backbones.MobileFaceNet;
import io.sparkface.models.backbones.MobileNet;
import io.sparkface.models.backbones.MobileNetV2;
import io.sparkface.models.backbones.MobileNetV3;
import io.sparkface.models.backbones.NasNetMobile;
import io.sparkface.models.backbones.ResNet;
import io.sparkface.models.backbones.ResNetV2;
import io.sparkface.models.backbones.SeResNeXt;
import io.sparkface.models.backbones.VarGFaceNet;
import io.sparkface.models.backbones.Vgg;
import io.sparkface.models.backbones.Xception;
import io.sparkface.models.embedding.EmbeddingHead;
import io.sparkface.models.kernels.Precision;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.ResidualAdd;
import io.sparkface.models.layers.StochasticDepth;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;

/** The networks by name. */
public final class Networks {
  private static final Map<String, Family> FAMILIES = families();

  private Networks() {}

  /** How a network is built, and the options it knows. */
  private record Family(Function<NetworkSpec, Backbone> backbone, Set<Option> options) {}

  private static Map<String, Family> families() {
    Registry all = new Registry();
    all.add("mobilenet", MobileNet::keras);
    all.add("mobilenet_m1", MobileNet::m1);
    all.add("mobilenetv2", MobileNetV2::new);
    all.add("mobilenetv3_small", MobileNetV3::small);
    all.add("mobilenetv3_large", MobileNetV3::large);
    all.add("mobilefacenet", s -> new MobileFaceNet(s, MobileFaceNet.Attention.NONE));
    all.add("se_mobilefacenet", s -> new MobileFaceNet(s, MobileFaceNet.Attention.SQUEEZE_EXCITE));
    all.add("ghostnet", GhostNet::new, STEM_STRIDE);
    all.add("vargface", VarGFaceNet::new);
    all.residual("18", 2, 2, 2, 2);
    all.residual("34", 3, 4, 6, 3);
    all.residual("50", 3, 4, 14, 3);
    all.residual("100", 3, 13, 30, 3);
    all.residual("101", 3, 4, 23, 3);
    all.add("iresnet18", s -> FaceResNet.arcfaceTorch(s, 2, 2, 2, 2));
    all.add("iresnet34", s -> FaceResNet.arcfaceTorch(s, 3, 4, 6, 3));
    all.add("iresnet50", s -> FaceResNet.arcfaceTorch(s, 3, 4, 14, 3));
    all.add("iresnet100", s -> FaceResNet.arcfaceTorch(s, 3, 13, 30, 3));
    all.add("iresnet200", s -> FaceResNet.arcfaceTorch(s, 6, 26, 60, 6));
    all.add("resnet50", s -> new ResNet(s, 3, 4, 6, 3));
    all.add("resnet101", s -> new ResNet(s, 3, 4, 23, 3));
    all.add("resnet152", s -> new ResNet(s, 3, 8, 36, 3));
    all.add("resnet50v2", s -> new ResNetV2(s, 3, 4, 6, 3));
    all.add("resnet101v2", s -> new ResNetV2(s, 3, 4, 23, 3));
    all.add("resnet152v2", s -> new ResNetV2(s, 3, 8, 36, 3));
    all.add("se_resnext50", s -> new SeResNeXt(s, 3, 4, 6, 3));
    all.add("se_resnext101", s -> new SeResNeXt(s, 3, 4, 23, 3));
    all.add("densenet121", s -> new DenseNet(s, 6, 12, 24, 16));
    all.add("densenet169", s -> new DenseNet(s, 6, 12, 32, 32));
    all.add("densenet201", s -> new DenseNet(s, 6, 12, 48, 32));
    all.add("vgg16", s -> new Vgg(s, 2, 2, 3, 3, 3));
    all.add("vgg19", s -> new Vgg(s, 2, 2, 4, 4, 4));
    all.add("inceptionv3", InceptionV3::new);
    all.add("inceptionresnetv2", InceptionResNetV2::new);
    all.add("xception", Xception::new);
    all.add("nasnetmobile", NasNetMobile::new);
    all.efficient("b0", 1, 1);
    all.efficient("b1", 1, 1.1);
    all.efficient("b2", 1.1, 1.2);
    all.efficient("b3", 1.2, 1.4);
    all.efficient("b4", 1.4, 1.8);
    all.efficient("b5", 1.6, 2.2);
    all.efficient("b6", 1.8, 2.6);
    all.efficient("b7", 2, 3.1);
    all.efficientV2("b0", 32, 1280, ints(16, 32, 48, 96, 112, 192), ints(1, 2, 2, 3, 5, 8));
    all.efficientV2("b1", 32, 1280, ints(16, 32, 48, 96, 112, 192), ints(2, 3, 3, 4, 6, 9));
    all.efficientV2("b2", 32, 1408, ints(16, 32, 56, 104, 120, 208), ints(2, 3, 3, 4, 6, 10));
    all.efficientV2("b3", 40, 1536, ints(16, 40, 56, 112, 136, 232), ints(2, 3, 3, 5, 7, 12));
    all.efficientV2("t", 24, 1024, ints(24, 40, 48, 104, 128, 208), ints(2, 4, 4, 6, 9, 14));
    all.efficientV2("s", 24, 1280, ints(24, 48, 64, 128, 160, 256), ints(2, 4, 4, 6, 9, 15));
    all.efficientV2(
        "m", 24, 1280, ints(24, 48, 80, 160, 176, 304, 512), ints(3, 5, 5, 7, 14, 18, 5));
    all.efficientV2(
        "l", 32, 1280, ints(32, 64, 96, 192, 224, 384, 640), ints(4, 7, 7, 10, 19, 25, 7));
    all.efficientV2(
        "xl", 32, 1280, ints(32, 64, 96, 192, 256, 512, 640), ints(4, 8, 8, 16, 24, 32, 8));
    return all.families;
  }

  private static int[] ints(int... values) {
    return values;
  }

  /** Collects the families. */
  private static final class Registry {
    private final Map<String, Family> families = new TreeMap<>();

    void add(String name, Function<NetworkSpec, Backbone> backbone, Option... options) {
      Set<Option> known = EnumSet.noneOf(Option.class);
      known.addAll(List.of(options));
      families.put(name, new Family(backbone, known));
    }

    void residual(String depth, int... blocks) {
      add(
          "r" + depth,
          s -> FaceResNet.insightface(s, FaceResNet.Attention.NONE, blocks),
          ACTIVATION,
          SHORTCUT);
      add(
          "se_r" + depth,
          s -> FaceResNet.insightface(s, FaceResNet.Attention.SQUEEZE_EXCITE, blocks),
          ACTIVATION,
          SHORTCUT);
    }

    void efficient(String size, double width, double depth) {
      add("efficientnet" + size, s -> EfficientNet.v1(s, width, depth), STEM_STRIDE, DROP_CONNECT);
    }

    void efficientV2(String size, int stem, int tail, int[] channels, int[] depths) {
      add(
          "efficientnetv2" + size,
          s -> EfficientNet.v2(s, stem, tail, channels, depths),
          STEM_STRIDE,
          DROP_CONNECT);
    }
  }

  /** The backbones there are, sorted. */
  public static List<String> names() {
    return List.copyOf(FAMILIES.keySet());
  }

  /**
   * Appends backbone and embedding head to a graph.
   *
   * @param input the vertex with the images, NHWC {@code [n, height, width, 3]}, values about -1 to
   *     1
   * @return the name of the embedding vertex, always {@code embedding}: {@code [n, embeddingSize]},
   *     not normalised
   * @throws UserError for a name that is unknown or an option the family does not have
   */
  public static String addTo(GraphBuilder graph, NetworkSpec spec, String input) {
    EmbeddingHead head = EmbeddingHead.named(spec.head());
    FeatureMap map = addBackboneTo(graph, spec, input);
    return head.addTo(graph, spec, map);
  }

  /** Appends the backbone alone and returns the map it ends in. */
  public static FeatureMap addBackboneTo(GraphBuilder graph, NetworkSpec spec, String input) {
    FeatureMap map = backbone(spec).addTo(graph, input);
    dropBranches(graph, spec.surgery());
    return map;
  }

  /** Makes all convolutions so far multiply in {@code numbers}; heads and sums stay float32. */
  public static void computeIn(GraphBuilder graph, Precision numbers) {
    for (GraphVertex vertex : graph.getVertices().values()) {
      if (vertex instanceof LayerVertex layer
          && layer.getLayerConf().getLayer() instanceof ConvBnAct convolution) {
        convolution.computeIn(numbers);
      }
    }
  }

  private static Backbone backbone(NetworkSpec spec) {
    Family family = FAMILIES.get(spec.backbone().toLowerCase(Locale.ROOT));
    if (family == null) {
      throw new UserError(
          "unknown network '" + spec.backbone() + "'",
          "backbone of the network specification",
          Nearest.advice(spec.backbone(), names()));
    }
    Set<Option> unknown = spec.backboneOptions().chosen();
    unknown.removeAll(family.options());
    if (!unknown.isEmpty()) {
      throw new UserError(
          spec.backbone() + " has no option " + unknown,
          "options of the network specification",
          family.options().isEmpty() ? "it has none" : "it has " + family.options());
    }
    return family.backbone().apply(spec);
  }

  /** Every sum of a shortcut and a branch becomes one with stochastic depth. */
  private static void dropBranches(GraphBuilder graph, Surgery surgery) {
    List<Map.Entry<String, GraphVertex>> sums =
        graph.getVertices().entrySet().stream()
            .filter(vertex -> vertex.getValue() instanceof ResidualAdd)
            .toList();
    for (int i = 0; i < sums.size(); i++) {
      double survival = surgery.survival(i, sums.size());
      if (survival < 1) {
        sums.get(i).setValue(new StochasticDepth(StochasticDepth.Kept.PER_BATCH, survival));
      }
    }
  }
}
