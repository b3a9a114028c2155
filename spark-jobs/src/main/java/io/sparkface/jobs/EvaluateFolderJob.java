package io.sparkface.jobs;

import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.folder.FolderEvaluation;
import io.sparkface.pipeline.evaluate.folder.HardPairs;
import io.sparkface.pipeline.evaluate.folder.PrototypeEvaluation;
import io.sparkface.pipeline.prepare.PersonFolders;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A model on person folders. */
@Command(
    name = "evaluate-folder",
    description = {
      "How well a model tells the people of a folder apart: each picture against each person's",
      "prototype, with and without the picture in it. Can write the hardest pairs as a .bin."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit evaluate-folder --data faces --model run1/model --write-pairs hard.bin"
    })
final class EvaluateFolderJob implements Callable<Integer> {
  @Option(
      names = "--data",
      converter = ClusterPath.class,
      required = true,
      description = "A folder of person folders.")
  private String data;

  @Option(
      names = "--model",
      converter = ClusterPath.class,
      required = true,
      description = "A model directory, or a model of others.")
  private String model;

  @Mixin private PixelOptions pixels;

  @Option(names = "--flip", description = "Add the mirror image's embedding.")
  private boolean flip;

  @Option(
      names = "--cache",
      converter = ClusterPath.class,
      paramLabel = "DIR",
      description =
          "Keep embeddings here; a model and folder that did not change are not run again.")
  private String cache;

  @Option(
      names = "--write-pairs",
      converter = ClusterPath.class,
      paramLabel = "FILE",
      description = "Write a verification .bin of the hardest pairs.")
  private String pairs;

  @Option(names = "--positives", description = "Most pairs of one person (default 3000).")
  private int positives = 3000;

  @Option(names = "--negatives", description = "Most pairs of two people (default 3000).")
  private int negatives = 3000;

  @Option(
      names = "--min-positive",
      description = "Cosine a pair of one person must exceed (default 0).")
  private double leastPositive;

  @Option(
      names = "--max-negative",
      description = "Cosine a pair of two people must stay below (default 1).")
  private double mostNegative = 1;

  @Mixin private OverwriteOptions overwrite;

  @Option(
      names = "--output",
      converter = ClusterPath.class,
      paramLabel = "DIR",
      description = "Keep results here for report, with and without the picture in the prototype.")
  private String output;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    HardPairs.Limits limits =
        new HardPairs.Limits(positives, negatives, leastPositive, mostNegative);
    try (Application application = Application.start("evaluate-folder")) {
      FolderEvaluation evaluation =
          FolderEvaluation.embed(
              application.context(),
              PersonFolders.open(new Path(data), application.hadoop()),
              new FolderEvaluation.Options(
                  model,
                  pixels.normalisation(),
                  flip ? PairSet.Flip.SUM : PairSet.Flip.NONE,
                  Optional.ofNullable(cache)));
      PrototypeEvaluation found = evaluation.prototypes();
      Map<String, Object> results = new LinkedHashMap<>();
      results.put("prototypes", found);
      if (!printed.json()) {
        print(application.results(), found);
      }
      if (output != null) {
        String set = new Path(data).getName();
        String made = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        found
            .withoutProbe()
            .kept(model, set, "picture left out", made)
            .write(output, application.hadoop());
        found
            .withProbe()
            .kept(model, set, "picture in its prototype", made)
            .write(output, application.hadoop());
      }
      if (pairs != null) {
        FolderEvaluation.WrittenPairs written =
            evaluation.writePairs(pairs, limits, overwrite.existing());
        results.put("pairs", written);
        if (!printed.json()) {
          application
              .results()
              .printf(
                  "%s: %d pairs of one person, %d of two%n",
                  pairs, written.same(), written.different());
        }
      }
      if (printed.json()) {
        application.print(results);
      }
    }
    return 0;
  }

  private static void print(PrintStream out, PrototypeEvaluation found) {
    out.printf("%d pictures of %d people%n", found.images(), found.people());
    out.printf("  %-22s %8s %9s", "picture in prototype", "probes", "top 1");
    for (String far : List.of("1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "1e-1")) {
      out.printf(" %9s", far);
    }
    out.printf(" %9s%n", "AUC");
    row(out, "yes (too good)", found.withProbe());
    row(out, "no", found.withoutProbe());
  }

  private static void row(PrintStream out, String name, PrototypeEvaluation.Figures figures) {
    out.printf(Locale.ROOT, "  %-22s %8d %9.6f", name, figures.probes(), figures.top1());
    figures.tarAtFar().values().forEach(tar -> out.printf(Locale.ROOT, " %9.6f", tar));
    out.printf(Locale.ROOT, " %9.6f%n", figures.auc());
  }
}
