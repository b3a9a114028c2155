package io.sparkface.jobs;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.evaluate.ijb.Combination;
import io.sparkface.pipeline.evaluate.ijb.FaceRow;
import io.sparkface.pipeline.evaluate.ijb.FaceRows;
import io.sparkface.pipeline.evaluate.ijb.Identification;
import io.sparkface.pipeline.evaluate.ijb.IjbEvaluation;
import io.sparkface.pipeline.evaluate.ijb.IjbRelease;
import io.sparkface.pipeline.evaluate.ijb.IjbSubset;
import io.sparkface.pipeline.evaluate.ijb.ScoreFiles;
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
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The IJB-B and IJB-C protocols. */
@Command(
    name = "evaluate-ijb",
    description = {
      "IJB-B and IJB-C: 1:1 verification of templates (TAR at FAR 1e-6 to 1e-1, AUC) and, with",
      "--identify, 1:N identification in the two galleries (rank 1, 5, 10, CMC, DIR at FAR)."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "N, D and F of a combination: divide by the norm, weight by the detector's score, add the",
      "mirror image. insightface inverts N and writes F2 for F1: its N1D1F2 is N0D1F1 here.",
      "",
      "Example:",
      "  spark-submit evaluate-ijb --data ijb --subset IJBC --model run1/model \\",
      "    --embeddings ijbc-run1 --all --identify --scores scores-run1",
      "  spark-submit evaluate-ijb --plot-only scores-run1/N0D1F1.npz --output compared"
    })
final class EvaluateIjbJob implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      converter = ClusterPath.class,
      description = "Root that holds IJBB and IJBC (default .).")
  private String data;

  @Option(names = "--subset", description = "IJBB (default) or IJBC.")
  private IjbSubset subset = IjbSubset.IJBB;

  @Option(
      names = "--model",
      converter = ClusterPath.class,
      description = "A model (docs/models.md); not needed where --embeddings are there.")
  private String model;

  @Mixin private PixelOptions pixels;

  @Option(
      names = "--embeddings",
      converter = ClusterPath.class,
      paramLabel = "DIR",
      description = "Keep the embeddings here, or use those that are kept here.")
  private String embeddings;

  @Option(
      names = "--combination",
      arity = "1..*",
      description = "Combinations to score with (default N0D1F1).")
  private List<String> combinations = List.of();

  @Option(names = "--all", description = "Score with all eight combinations.")
  private boolean all;

  @Option(
      names = "--convention",
      description = "Whose names --combination uses: keras (default) or insightface.")
  private Combination.Convention convention = Combination.Convention.KERAS;

  @Option(names = "--identify", description = "1:N as well.")
  private boolean identify;

  @Option(
      names = "--scores",
      converter = ClusterPath.class,
      paramLabel = "DIR",
      description = "Write the scores of all pairs here, one .npz a combination.")
  private String scores;

  @Option(
      names = "--plot-only",
      paramLabel = "FILE",
      arity = "1..*",
      description = {
        "Make the 1:1 table (and what --output keeps) from scores: .npz of --scores or of the",
        "original, .npy. Labels are the .npz's; without them those of a template_pair_label.txt",
        "among the files, or of the release in --data."
      })
  private List<String> plotted = List.of();

  @Option(
      names = "--output",
      converter = ClusterPath.class,
      paramLabel = "DIR",
      description = "Keep results here for report, one file a combination.")
  private String output;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    if (!plotted.isEmpty() && (model != null || embeddings != null || identify || scores != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "--plot-only needs scores alone: leave out --model, --embeddings, --identify, --scores");
    }
    try (Application application = Application.start("evaluate-ijb")) {
      if (!plotted.isEmpty()) {
        plotOnly(application);
        return 0;
      }
      IjbRelease release = IjbRelease.open(data == null ? "." : data, subset, application.hadoop());
      IjbEvaluation evaluation =
          new IjbEvaluation(release, faces(new FaceRows(application.spark()), release));
      ScoreFiles files = new ScoreFiles(application.hadoop());
      Map<String, IjbEvaluation.Verification> verification =
          evaluation.verify(
              chosen(),
              (combination, values, same) -> {
                if (scores != null) {
                  files.write(scores, combination, values, same);
                }
              });
      Optional<Identification> identification =
          identify ? Optional.of(evaluation.identify()) : Optional.empty();
      if (output != null) {
        keep(verification, identification, application.hadoop());
      }
      if (printed.json()) {
        application.print(
            new IjbEvaluation.Result(
                subset.name(), model, verification, identification.orElse(null)));
      } else {
        print(application.results(), verification);
        identification.ifPresent(found -> print(application.results(), found));
      }
    }
    return 0;
  }

  private void keep(
      Map<String, IjbEvaluation.Verification> verification,
      Optional<Identification> identification,
      Configuration hadoop)
      throws IOException {
    String from = model == null ? embeddings : model;
    for (Map.Entry<String, IjbEvaluation.Verification> one : verification.entrySet()) {
      one.getValue().kept(from, subset.name(), one.getKey(), now()).write(output, hadoop);
    }
    if (identification.isPresent()) {
      identification.get().kept(from, subset + " 1N", now()).write(output, hadoop);
    }
  }

  /** Names of files tell results apart; with several, each has a directory of its own. */
  private void plotOnly(Application application) throws IOException {
    Map<String, IjbEvaluation.Verification> found = new LinkedHashMap<>();
    Optional<IjbRelease> release =
        data == null
            ? Optional.empty()
            : Optional.of(IjbRelease.open(data, subset, application.hadoop()));
    Map<String, String> names =
        ShortNames.of(plotted.stream().filter(file -> !file.endsWith(".txt")).toList());
    new ScoreFiles(application.hadoop())
        .read(
            plotted,
            release,
            kept -> {
              IjbEvaluation.Verification verification = kept.verification();
              found.put((kept.file() + " " + kept.name()).strip(), verification);
              if (output != null) {
                verification
                    .kept(
                        kept.file(),
                        subset.name(),
                        kept.name().isEmpty() ? null : kept.name(),
                        now())
                    .write(
                        names.size() == 1 ? output : output + "/" + names.get(kept.file()),
                        application.hadoop());
              }
            });
    if (printed.json()) {
      application.print(new IjbEvaluation.Result(subset.name(), null, found, null));
    } else {
      print(application.results(), found);
    }
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private JavaRDD<FaceRow> faces(FaceRows rows, IjbRelease release) throws IOException {
    if (model == null) {
      if (embeddings == null) {
        throw new UserError(
            "neither a model nor embeddings are named", "--model", "name one of the two");
      }
      return rows.kept(embeddings);
    }
    return embeddings == null
        ? rows.embed(release, model, pixels.normalisation()).persist(StorageLevel.MEMORY_AND_DISK())
        : rows.keptOrMade(embeddings, release, model, pixels.normalisation());
  }

  private List<Combination> chosen() {
    if (all) {
      return Combination.all();
    }
    return combinations.isEmpty()
        ? List.of(Combination.USUAL)
        : combinations.stream().map(name -> Combination.parse(name, convention)).toList();
  }

  private void print(PrintStream out, Map<String, IjbEvaluation.Verification> results) {
    IjbEvaluation.Verification first = results.values().iterator().next();
    out.printf(
        "%s 1:1, %s%d pairs, %d genuine%n",
        subset,
        first.templates() == 0 ? "" : first.templates() + " templates, ",
        first.pairs(),
        first.genuine());
    int widest = results.keySet().stream().mapToInt(String::length).max().orElse(0);
    String name = "  %-" + Math.max(8, widest) + "s %-11s";
    out.printf(name, "keras", "insightface");
    for (String far : List.of("1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "1e-1")) {
      out.printf(" %9s", far);
    }
    out.printf(" %9s%n", "AUC");
    results.forEach(
        (combination, result) -> {
          out.printf(name, combination, result.insightface() == null ? "-" : result.insightface());
          result.tarAtFar().values().forEach(tar -> out.printf(Locale.ROOT, " %9.6f", tar));
          out.printf(Locale.ROOT, " %9.6f%n", result.auc());
        });
  }

  private void print(PrintStream out, Identification found) {
    out.printf("%s 1:N%n", subset);
    out.printf(
        "  %-8s %8s %8s %9s %9s %9s %9s%n",
        "gallery", "entries", "mated", "non-mated", "top 1", "top 5", "top 10");
    for (int i = 0; i < found.galleries().size(); i++) {
      Identification.Gallery gallery = found.galleries().get(i);
      out.printf(
          Locale.ROOT,
          "  %-8d %8d %8d %9d %9.6f %9.6f %9.6f%n",
          i + 1,
          gallery.entries(),
          gallery.mated(),
          gallery.nonMated(),
          gallery.top1(),
          gallery.top5(),
          gallery.top10());
    }
    double[] cmc = found.cmc();
    out.printf(Locale.ROOT, "  %-36s %9.6f %9.6f %9.6f%n", "both (CMC)", cmc[0], cmc[4], cmc[9]);
    out.print("  DIR at FAR");
    found.dirAtFar().forEach((far, dir) -> out.printf(Locale.ROOT, "  %s: %.6f", far, dir));
    out.println();
  }
}
