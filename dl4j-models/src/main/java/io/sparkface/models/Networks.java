package io.sparkface.models;

import io.sparkface.base.Nearest;
import io.sparkface.base.UserError;
import io.sparkface.models.backbones.Blocks;
import io.sparkface.models.backbones.MobileFaceNet;
import io.sparkface.models.embedding.EmbeddingHead;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/** The networks Sparkface knows, by the original's names (spec 3.1). */
public final class Networks {
  /** Name of the vertex every network ends in. */
  public static final String EMBEDDING = "embedding";

  private static final List<String> NAMES = List.of("mobilefacenet");

  private Networks() {}

  public static List<String> names() {
    return NAMES;
  }

  /**
   * Appends backbone and embedding head.
   *
   * @param input name of the graph's input, [N, H, W, 3]
   * @return the name of the vertex that holds the embedding, [N, embeddingSize]
   * @throws UserError when the backbone or head is unknown
   */
  public static String addTo(GraphBuilder graph, NetworkSpec spec, String input) {
    Blocks blocks = new Blocks(graph, spec.batchNormMomentum(), spec.batchNormEpsilon());
    String features =
        switch (spec.backbone().toLowerCase(Locale.ROOT)) {
          case "mobilefacenet" -> MobileFaceNet.addTo(blocks, input);
          default ->
              throw new UserError(
                  "unknown backbone '" + spec.backbone() + "'",
                  "network.backbone",
                  Nearest.advice(spec.backbone(), NAMES));
        };
    return EmbeddingHead.of(spec.head()).addTo(blocks, spec, features);
  }
}
