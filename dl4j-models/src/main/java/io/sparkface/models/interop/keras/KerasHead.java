package io.sparkface.models.interop.keras;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.base.UserError;
import io.sparkface.models.interop.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * The margin head {@code NormDense} of a model that Keras_insightface saved whole: sub-centre k of
 * identity c is column c * K + k of its weights (spec 3.6).
 *
 * @param identities it tells apart, by class number
 * @param perIdentity sub-centres of each, K
 * @param weights [D, identities * K]
 */
public record KerasHead(int identities, int perIdentity, Tensor weights) {
  /** As the class is named with or without a package before it, and with what VPL adds to it. */
  private static final String KIND = "(.*>)?NormDense(VPL)?";

  private static final String WEIGHTS = "norm_dense_w";

  /**
   * The head of a file; empty where it has none.
   *
   * @throws UserError when the file is damaged, or the head is one of slices (partial FC), of which
   *     the file does not say which identities they hold
   */
  public static Optional<KerasHead> read(byte[] h5, String where) {
    KerasFile file = KerasFile.read(h5, where);
    JsonNode layers = file.config().map(model -> model.path("config").path("layers")).orElse(null);
    if (layers == null) {
      return Optional.empty();
    }
    for (JsonNode layer : layers) {
      if (layer.path("class_name").asText().matches(KIND)) {
        return Optional.of(of(layer.path("config"), file, where));
      }
    }
    return Optional.empty();
  }

  private static KerasHead of(JsonNode config, KerasFile file, String where) {
    String name = config.path("name").asText();
    Map<String, Tensor> parts = file.weights().getOrDefault(name, Map.of());
    if (parts.keySet().stream().anyMatch(part -> part.endsWith(WEIGHTS + "_subs"))) {
      throw new UserError(
          "the head '" + name + "' was trained in slices (partial_fc_split)",
          where,
          "pass --centres means");
    }
    Tensor weights =
        parts.entrySet().stream()
            .filter(part -> ("/" + part.getKey()).endsWith("/" + WEIGHTS))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElseThrow(() -> damaged("the head '" + name + "' has no " + WEIGHTS, where));
    int identities = config.path("units").asInt();
    if (identities < 1
        || !weights.hasShape(-1, -1)
        || weights.shape()[1] < identities
        || weights.shape()[1] % identities != 0) {
      throw damaged(
          "the head '"
              + name
              + "' of "
              + identities
              + " identities has weights of "
              + weights.sizes(),
          where);
    }
    return new KerasHead(identities, Math.toIntExact(weights.shape()[1] / identities), weights);
  }

  private static UserError damaged(String problem, String where) {
    return new UserError(problem, where, "save the whole model again");
  }
}
