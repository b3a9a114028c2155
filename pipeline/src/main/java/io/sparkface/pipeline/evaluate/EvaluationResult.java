package io.sparkface.pipeline.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.sparkface.base.UserError;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What an evaluation found, kept as JSON for {@code report}: figures, and what curves are drawn
 * from.
 *
 * @param format version of this layout, {@value #FORMAT}
 * @param protocol how it was evaluated
 * @param model path of the model; of a network in training, its run and step
 * @param set what it was evaluated on; results on one set stand together in a report
 * @param variant which of several ways to score the set this is, such as a combination of IJB's;
 *     null where there is one
 * @param made when, ISO 8601
 * @param figures by name, in the order they are shown; NaN where the set cannot give one
 * @param roc thinned for plots
 * @param scores null where it was not counted
 * @param rates curves by rank or false accept rate; null but for identification
 * @param examples hard pairs to look at; empty unless asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EvaluationResult(
    int format,
    Protocol protocol,
    String model,
    String set,
    String variant,
    String made,
    Map<String, Double> figures,
    RocCurve roc,
    ScoreHistogram scores,
    IdentificationRates rates,
    List<ConfusionExample> examples) {

  public static final int FORMAT = 1;
  private static final String SUFFIX = ".json";

  /** What was compared. */
  public enum Protocol {
    PAIRS,
    FOLDER,
    IJB_VERIFICATION,
    IJB_IDENTIFICATION
  }

  /**
   * Curves of the search in galleries.
   *
   * @param cmc share of mated probes found at rank 1, 2, …
   * @param far false accept rates
   * @param dir detection and identification rate at those
   */
  public record IdentificationRates(double[] cmc, double[] far, double[] dir) {}

  public EvaluationResult {
    // a map that keeps its order and takes NaN
    figures = new LinkedHashMap<>(figures);
    examples = examples == null ? List.of() : List.copyOf(examples);
  }

  /** Of a pair set. */
  public static EvaluationResult ofPairs(
      String model, PairSet set, double[] cosines, Verification found, String made) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("pairs", (double) found.pairs());
    figures.put("same", (double) found.samePairs());
    figures.put("accuracy", found.accuracy());
    figures.put("threshold", found.threshold());
    figures.put("tenFoldAccuracy", found.tenFoldAccuracy());
    figures.put("tenFoldDeviation", found.tenFoldDeviation());
    figures.put("validation", found.validation());
    figures.put("validationDeviation", found.validationDeviation());
    figures.put("auc", found.auc());
    found.tarAtFar().forEach((far, tar) -> figures.put("tar@" + far, tar));
    boolean[] same = set.same();
    return new EvaluationResult(
        FORMAT,
        Protocol.PAIRS,
        model,
        set.name(),
        null,
        made,
        figures,
        Roc.of(cosines, same).curve(),
        ScoreHistogram.of(cosines, same),
        null,
        List.of());
  }

  /** The same with examples. */
  public EvaluationResult withExamples(List<ConfusionExample> more) {
    return new EvaluationResult(
        format, protocol, model, set, variant, made, figures, roc, scores, rates, more);
  }

  /** Writes {@code directory/SET.json}, or SET-VARIANT.json, in place of one that is there. */
  public void write(String directory, Configuration hadoop) throws IOException {
    String name = variant == null ? set : set + "-" + variant;
    Path file = new Path(directory, name.replaceAll("[^\\p{L}\\p{N}._-]", "_") + SUFFIX);
    byte[] content = ResultJson.mapper().writeValueAsBytes(this);
    Replacement.write(file, hadoop, out -> out.write(content));
  }

  /**
   * @throws UserError when the file is no result
   */
  public static EvaluationResult read(Path file, Configuration hadoop) throws IOException {
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      EvaluationResult result =
          ResultJson.mapper().readValue(in.readAllBytes(), EvaluationResult.class);
      if (result.format() != FORMAT || result.protocol() == null || result.set() == null) {
        throw wrong("the file is of format " + result.format() + ", not " + FORMAT, file, null);
      }
      return result;
    } catch (JsonProcessingException e) {
      throw wrong("the file is no result of an evaluation: " + e.getOriginalMessage(), file, e);
    }
  }

  private static UserError wrong(String problem, Path file, Exception cause) {
    return new UserError(
        problem, file.toString(), "name what evaluate --output or train wrote", cause);
  }
}
