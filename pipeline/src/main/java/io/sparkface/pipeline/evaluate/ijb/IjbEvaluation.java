package io.sparkface.pipeline.evaluate.ijb;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.Roc;
import io.sparkface.pipeline.evaluate.RocCurve;
import io.sparkface.pipeline.evaluate.ScoreHistogram;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Both protocols on the embeddings of a release. */
public final class IjbEvaluation {
  private static final Logger LOG = LoggerFactory.getLogger(IjbEvaluation.class);

  private final IjbRelease release;
  private final JavaRDD<FaceRow> faces;

  /**
   * Figures of a release.
   *
   * @param verification by the combination's name in Keras_insightface's convention
   * @param identification of {@link Combination#USUAL}; null where it was not asked for
   */
  public record Result(
      String subset,
      String model,
      Map<String, Verification> verification,
      Identification identification) {}

  /**
   * 1:1 with one combination.
   *
   * @param insightface the combination's name in insightface's convention
   * @param tarAtFar by "1e-6" to "1e-1"; see {@link Roc#tarAt}
   * @param roc thinned for plots
   * @param scores counted in bins
   */
  public record Verification(
      String insightface,
      int templates,
      int pairs,
      int genuine,
      double auc,
      Map<String, Double> tarAtFar,
      RocCurve roc,
      ScoreHistogram scores) {

    /** For the report; {@code set} tells the combination too. */
    public EvaluationResult kept(String model, String set, String made) {
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("templates", (double) templates);
      figures.put("pairs", (double) pairs);
      figures.put("genuine", (double) genuine);
      tarAtFar.forEach((far, tar) -> figures.put("tar@" + far, tar));
      figures.put("auc", auc);
      return new EvaluationResult(
          EvaluationResult.FORMAT,
          EvaluationResult.Protocol.IJB_VERIFICATION,
          model,
          set,
          made,
          figures,
          roc,
          scores,
          null,
          List.of());
    }
  }

  /**
   * @param faces kept or cached: every combination reads all of them
   */
  public IjbEvaluation(IjbRelease release, JavaRDD<FaceRow> faces) {
    this.release = release;
    this.faces = faces;
  }

  /** 1:1 with each combination. */
  public Map<String, Verification> verify(List<Combination> combinations) throws IOException {
    TemplatePairs pairs = release.pairs();
    Map<String, Verification> results = new LinkedHashMap<>();
    for (Combination combination : combinations) {
      TemplateFeatures features = TemplateFeatures.of(faces, combination);
      Verification result = verify(features, pairs, combination);
      String name = combination.name(Combination.Convention.KERAS);
      LOG.info("{} {}: TAR@FAR 1e-4 {}", release.subset(), name, result.tarAtFar().get("1e-4"));
      results.put(name, result);
    }
    return results;
  }

  /** 1:1 of features that are already made. */
  public static Verification verify(
      TemplateFeatures features, TemplatePairs pairs, Combination combination) {
    if (pairs.size() == 0) {
      throw new UserError(
          "the release has no pair", "its template_pair_label.txt", "copy the release again");
    }
    float[] scores = features.scores(pairs);
    Roc roc = Roc.of(scores, pairs.same());
    return new Verification(
        combination.name(Combination.Convention.INSIGHTFACE),
        features.size(),
        pairs.size(),
        roc.genuine(),
        roc.auc(),
        roc.tarAtRates(),
        roc.curve(),
        ScoreHistogram.of(scores, pairs.same()));
  }

  /** 1:N with the usual combination. */
  public Identification identify() throws IOException {
    return Identification.of(
        TemplateFeatures.of(faces, Combination.USUAL), release.galleries(), release.probes());
  }
}
