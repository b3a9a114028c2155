package io.sparkface.pipeline.evaluate.ijb;

import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.Roc;
import io.sparkface.pipeline.evaluate.RocCurve;
import io.sparkface.pipeline.evaluate.ScoreHistogram;
import java.io.IOException;
import java.util.BitSet;
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
   * @param insightface the combination's name in insightface's convention; null where scores were
   *     read from a file that names none
   * @param templates that were compared; 0 where scores were read from a file
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

    /** Of scores of pairs. */
    public static Verification of(
        Combination combination, int templates, float[] scores, BitSet same) {
      return of(combination.name(Combination.Convention.INSIGHTFACE), templates, scores, same);
    }

    /** Of scores that were kept; {@code name} of the combination, or anything else. */
    static Verification of(ScoreFiles.Scores kept) {
      String insightface =
          Combination.named(kept.name(), Combination.Convention.KERAS)
              .map(one -> one.name(Combination.Convention.INSIGHTFACE))
              .orElse(null);
      return of(insightface, 0, kept.scores(), kept.same());
    }

    private static Verification of(String insightface, int templates, float[] scores, BitSet same) {
      Roc roc = Roc.of(scores, same);
      return new Verification(
          insightface,
          templates,
          scores.length,
          roc.genuine(),
          roc.auc(),
          roc.tarAtRates(),
          roc.curve(),
          ScoreHistogram.of(scores, same));
    }

    /**
     * For the report.
     *
     * @param combination null where it is not known
     */
    public EvaluationResult kept(String model, String set, String combination, String made) {
      Map<String, Double> figures = new LinkedHashMap<>();
      if (templates > 0) {
        figures.put("templates", (double) templates);
      }
      figures.put("pairs", (double) pairs);
      figures.put("genuine", (double) genuine);
      tarAtFar.forEach((far, tar) -> figures.put("tar@" + far, tar));
      figures.put("auc", auc);
      return new EvaluationResult(
          EvaluationResult.FORMAT,
          EvaluationResult.Protocol.IJB_VERIFICATION,
          model,
          set,
          combination,
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

  /** Takes the scores of a combination, for a file. */
  public interface ScoreKeeper {
    void keep(String combination, float[] scores, BitSet same) throws IOException;
  }

  /**
   * 1:1 with each combination.
   *
   * @return by the combination's name in Keras_insightface's convention
   */
  public Map<String, Verification> verify(List<Combination> combinations, ScoreKeeper keeper)
      throws IOException {
    TemplatePairs pairs = release.pairs();
    Map<String, Verification> results = new LinkedHashMap<>();
    for (Combination combination : combinations) {
      TemplateFeatures features = TemplateFeatures.of(faces, combination);
      float[] scores = features.scores(pairs);
      String name = combination.name(Combination.Convention.KERAS);
      keeper.keep(name, scores, pairs.same());
      Verification result = Verification.of(combination, features.size(), scores, pairs.same());
      LOG.info("{} {}: TAR@FAR 1e-4 {}", release.subset(), name, result.tarAtFar().get("1e-4"));
      results.put(name, result);
    }
    return results;
  }

  /** 1:N with the usual combination. */
  public Identification identify() throws IOException {
    return Identification.of(
        TemplateFeatures.of(faces, Combination.USUAL), release.galleries(), release.probes());
  }
}
