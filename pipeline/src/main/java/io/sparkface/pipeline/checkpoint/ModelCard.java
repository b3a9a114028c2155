package io.sparkface.pipeline.checkpoint;

import io.sparkface.models.NetworkSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a model is: {@code model.json}, from which its network is built again.
 *
 * @param format version of this layout, {@value #FORMAT}
 * @param network backbone and embedding head
 * @param classes identities the margin head tells apart
 * @param subCentres sub-centres per identity
 * @param margin the loss it was last trained with, as the plan names it
 * @param distillationWidth width of the teacher's embedding, 0 without one
 * @param input how pixels become the network's input
 * @param trainedOn path, rows and fingerprint of the training set
 * @param plan it was trained by, part by part, and the plan's fingerprint
 * @param scores verification accuracy per pair set
 */
public record ModelCard(
    int format,
    NetworkSpec network,
    int classes,
    int subCentres,
    String margin,
    int distillationWidth,
    String input,
    Map<String, String> trainedOn,
    Map<String, String> plan,
    Map<String, Double> scores) {

  public static final int FORMAT = 1;

  /** The input contract of every Sparkface network. */
  public static final String INPUT = "RGB, NHWC, (x - 127.5) / 128";

  public ModelCard {
    trainedOn = Map.copyOf(trainedOn);
    // cards of earlier versions have none
    plan = plan == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(plan));
    scores = Map.copyOf(scores);
  }

  /** The same card with other scores. */
  public ModelCard withScores(Map<String, Double> newScores) {
    return new ModelCard(
        format,
        network,
        classes,
        subCentres,
        margin,
        distillationWidth,
        input,
        trainedOn,
        plan,
        newScores);
  }
}
