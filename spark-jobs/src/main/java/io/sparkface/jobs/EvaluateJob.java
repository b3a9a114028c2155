package io.sparkface.jobs;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.embed.Embedder;
import io.sparkface.pipeline.evaluate.ConfusionExample;
import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.ModelVerification;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Verification accuracy of models. */
@Command(
    name = "evaluate",
    description = {
      "Verification accuracy of models on pair sets: the original's accuracy and threshold, ten",
      "folds, VAL and TAR at false accept rates, AUC. Pictures are embedded on executors."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "JSON: {SET: {...}} for one model, {MODEL: {SET: {...}}} for several.",
      "",
      "Example:",
      "  spark-submit evaluate --model run1/model run2/model --pairs lfw.bin cfp_fp.bin --json",
      "  spark-submit evaluate --model run1/best --pairs lfw.bin --output run1/evaluations/final"
    })
final class EvaluateJob implements Callable<Integer> {
  @Option(
      names = "--model",
      converter = ClusterPath.class,
      required = true,
      arity = "1..*",
      description = "Model directories, or models of others.")
  private List<String> models;

  @Option(
      names = "--pairs",
      converter = ClusterPath.class,
      required = true,
      arity = "1..*",
      description = "Verification .bin files or the Parquet that prepare makes of them.")
  private List<String> pairs;

  @Mixin private PixelOptions pixels;

  @Option(names = "--no-flip", description = "Do not add the mirror image's embedding.")
  private boolean noFlip;

  @Option(
      names = "--pca",
      paramLabel = "N",
      description = "Measure the ten folds on N principal components, fitted on nine of them.")
  private int components;

  @Option(
      names = "--cache",
      converter = ClusterPath.class,
      paramLabel = "DIR",
      description = "Keep embeddings here; a model and set that did not change are not run again.")
  private String cache;

  @Option(names = "--cosines", description = "Print the cosine of every pair too (JSON only).")
  private boolean cosines;

  @Option(
      names = "--output",
      converter = ClusterPath.class,
      paramLabel = "DIR",
      description = {
        "Keep results here for report: DIR/SET.json, or DIR/MODEL/SET.json for several models.",
        "Results of the same names are replaced."
      })
  private String output;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description =
          "Put small pictures of the N hardest pairs of either kind into what --output keeps.")
  private int examples;

  @Option(names = "--dry-run", description = "Open models and sets, say what they hold, no more.")
  private boolean dryRun;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    if (components < 0) {
      throw new UserError("there are no " + components + " components", "--pca", "give N above 0");
    }
    if (examples < 0 || examples > 0 && output == null) {
      throw new UserError(
          examples + " examples have no place to be kept in",
          "--examples",
          "give N above 0, and --output");
    }
    try (Application application = Application.start("evaluate")) {
      ModelVerification verification =
          new ModelVerification(
              application.context(),
              new ModelVerification.Options(
                  pixels.normalisation(),
                  noFlip ? PairSet.Flip.NONE : PairSet.Flip.SUM,
                  components,
                  Optional.ofNullable(cache)));
      List<PairSet> sets = open(application);
      if (dryRun) {
        outlook(sets, application);
        return 0;
      }
      Map<String, Map<String, Object>> results = new LinkedHashMap<>();
      for (String model : models) {
        if (!printed.json()) {
          header(application.results(), model);
        }
        for (PairSet set : sets) {
          ModelVerification.Scored scored = verification.of(model, set);
          Verification result = scored.verification();
          results
              .computeIfAbsent(model, key -> new LinkedHashMap<>())
              .put(
                  set.name(),
                  cosines
                      ? Map.of("result", result, "cosines", scored.embeddings().cosines())
                      : result);
          if (!printed.json()) {
            row(application.results(), set.name(), result);
          }
          if (output != null) {
            keep(scored, application.hadoop());
          }
        }
      }
      if (printed.json()) {
        application.print(models.size() == 1 ? results.get(models.get(0)) : results);
      }
    }
    return 0;
  }

  /** What an evaluation would read, after models and sets were opened. */
  private record Outlook(List<String> models, Map<String, Integer> pairs, long pictures) {}

  private void outlook(List<PairSet> sets, Application application) throws IOException {
    models.forEach(
        model -> Embedder.open(model, pixels.normalisation(), application.hadoop()).close());
    Map<String, Integer> counts = new LinkedHashMap<>();
    sets.forEach(set -> counts.put(set.name(), set.pairs().size()));
    long pictures = 2L * counts.values().stream().mapToInt(Integer::intValue).sum();
    Outlook outlook = new Outlook(models, counts, pictures);
    printed.print(outlook, application);
  }

  private void keep(ModelVerification.Scored scored, Configuration hadoop) throws IOException {
    double[] cosines = scored.embeddings().cosines();
    EvaluationResult.ofPairs(
            scored.model(),
            scored.set(),
            cosines,
            scored.verification(),
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .withExamples(ConfusionExample.of(scored.set(), cosines, examples))
        .write(
            models.size() == 1 ? output : output + "/" + ShortNames.of(models).get(scored.model()),
            hadoop);
  }

  /** Results are told apart by the sets' names. */
  private List<PairSet> open(Application application) {
    List<PairSet> sets = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String location : pairs) {
      PairSet set = PairSet.open(location, application.hadoop());
      if (!names.add(set.name())) {
        throw new UserError(
            "two sets have the name " + set.name(), location, "rename one, or run twice");
      }
      sets.add(set);
    }
    return sets;
  }

  private static void header(PrintStream out, String model) {
    out.println(model);
    out.printf(
        Locale.ROOT,
        "  %-16s %7s %9s %9s  %-20s %-20s %9s %9s %9s %9s%n",
        "set",
        "pairs",
        "accuracy",
        "at cosine",
        "10-fold",
        "VAL@FAR 1e-3",
        "AUC",
        "TAR@1e-4",
        "TAR@1e-3",
        "TAR@1e-2");
  }

  private static void row(PrintStream out, String set, Verification result) {
    out.printf(
        Locale.ROOT,
        "  %-16s %7d %9.6f %9.4f  %-20s %-20s %9s %9s %9s %9s%n",
        set,
        result.pairs(),
        result.accuracy(),
        result.threshold(),
        spread(result.tenFoldAccuracy(), result.tenFoldDeviation()),
        spread(result.validation(), result.validationDeviation()),
        figure(result.auc()),
        figure(result.tarAtFar().get("1e-4")),
        figure(result.tarAtFar().get("1e-3")),
        figure(result.tarAtFar().get("1e-2")));
  }

  private static String spread(double mean, double deviation) {
    return Double.isNaN(mean) ? "-" : figure(mean) + " ± " + figure(deviation);
  }

  private static String figure(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.6f", value);
  }
}
