package io.sparkface.pipeline.embed;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.models.interop.onnx.OnnxModel;
import java.util.Map;
import java.util.Optional;

/**
 * What an exported model says of itself: JSON in the ONNX metadata under {@value OnnxModel#CARD}.
 *
 * @param format version of this layout, {@value #FORMAT}
 * @param input in words: order of channels and axes, range
 * @param normalisation what the caller has to do to pixels 0..255
 * @param precision what the network computes in
 * @param batchNormFolded whether normalisations were multiplied into convolutions
 * @param agreement embeddings compared with the source network's when the file was written
 * @param source the model it was made from, as that model describes itself
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record OnnxCard(
    int format,
    String input,
    Normalisation normalisation,
    String precision,
    boolean batchNormFolded,
    Map<String, Double> agreement,
    Map<String, Object> source) {
  public static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The card within a model; empty where Sparkface did not write it. */
  public static Optional<OnnxCard> of(OnnxModel model, String where) {
    return model.metadata(OnnxModel.CARD).map(json -> parsed(json, where));
  }

  private static OnnxCard parsed(String json, String where) {
    try {
      OnnxCard card = JSON.readValue(json, OnnxCard.class);
      if (card.format() == FORMAT && card.normalisation() != null) {
        return card;
      }
      throw damaged("is of format " + card.format(), where, null);
    } catch (JsonProcessingException e) {
      throw damaged("cannot be read: " + e.getOriginalMessage(), where, e);
    }
  }

  private static UserError damaged(String problem, String where, Throwable cause) {
    return new UserError(
        "the model's card " + problem, where, "export the model again with this version", cause);
  }

  /** The model with this card in it. */
  public OnnxModel in(OnnxModel model) {
    try {
      return model.withMetadata(OnnxModel.CARD, JSON.writeValueAsString(this));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
