package io.sparkface.models;

import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import io.sparkface.models.backbones.Backbone;
import io.sparkface.models.backbones.FaceResNet;
import io.sparkface.models.backbones.FeatureMap;
import io.sparkface.models.backbones.MobileFaceNet;
import io.sparkface.models.backbones.MobileNet;
import io.sparkface.models.embedding.EmbeddingHead;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/** The networks by name. */
public final class Networks {
  private static final Map<String, Function<NetworkSpec, Backbone>> BACKBONES =
      new TreeMap<>(
          Map.of(
              "mobilefacenet", MobileFaceNet::new,
              "mobilenet", MobileNet::new,
              "r18", spec -> new FaceResNet(spec, 2, 2, 2, 2),
              "r34", spec -> new FaceResNet(spec, 3, 4, 6, 3),
              "r50", spec -> new FaceResNet(spec, 3, 4, 14, 3),
              "r100", spec -> new FaceResNet(spec, 3, 13, 30, 3),
              "r101", spec -> new FaceResNet(spec, 3, 4, 23, 3)));

  private Networks() {}

  /** The backbones there are, sorted. */
  public static List<String> names() {
    return List.copyOf(BACKBONES.keySet());
  }

  /**
   * Appends backbone and embedding head to a graph.
   *
   * @param input the vertex with the images, NHWC {@code [n, height, width, 3]}, values about -1 to
   *     1
   * @return the name of the embedding vertex, always {@code embedding}: {@code [n, embeddingSize]},
   *     not normalised
   */
  public static String addTo(GraphBuilder graph, NetworkSpec spec, String input) {
    String name = spec.backbone().toLowerCase(Locale.ROOT);
    Function<NetworkSpec, Backbone> backbone = BACKBONES.get(name);
    if (backbone == null) {
      throw new UserError(
          "unknown network '" + spec.backbone() + "'",
          "backbone of the network specification",
          Nearest.advice(spec.backbone(), names()));
    }
    EmbeddingHead head = EmbeddingHead.named(spec.head());
    FeatureMap map = backbone.apply(spec).addTo(graph, input);
    return head.addTo(graph, spec, map);
  }
}
