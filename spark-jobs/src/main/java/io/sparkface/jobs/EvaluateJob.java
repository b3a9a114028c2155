package io.sparkface.jobs;

import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.embed.Embedder;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Verification accuracy of a model. */
@Command(
    name = "evaluate",
    description = "Verification accuracy on pair sets.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  spark-submit evaluate --model run1/model --pairs lfw.bin --json"})
final class EvaluateJob implements Callable<Integer> {
  @Option(names = "--model", required = true, description = "A model directory or an .onnx file.")
  private String model;

  @Option(
      names = "--pairs",
      required = true,
      arity = "1..*",
      description = "Verification .bin files or the Parquet that prepare makes of them.")
  private List<String> pairs;

  @Option(
      names = "--normalisation",
      description = "Pixels of an ONNX model: face ((x - 127.5) / 128, default), imagenet, raw.")
  private Normalisation normalisation = Normalisation.FACE;

  @Option(names = "--no-flip", description = "Do not add the mirror image's embedding.")
  private boolean noFlip;

  @Option(names = "--cosines", description = "Print the cosine of every pair too (JSON only).")
  private boolean cosines;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PairSet.Flip flip = noFlip ? PairSet.Flip.NONE : PairSet.Flip.SUM;
    try (Application application = Application.start("evaluate");
        Embedder embedder = Embedder.open(model, normalisation, application.hadoop())) {
      Map<String, Object> results = new LinkedHashMap<>();
      for (String location : pairs) {
        PairSet set = PairSet.open(location, application.hadoop());
        double[] scores = set.cosines(embedder, flip);
        Verification result = Verification.of(scores, set.same());
        results.put(set.name(), cosines ? Map.of("result", result, "cosines", scores) : result);
        if (!json) {
          System.out.printf(
              Locale.ROOT,
              "%s: accuracy %.6f at cosine %.4f; 10-fold %.6f ± %.6f (%d pairs)%n",
              set.name(),
              result.accuracy(),
              result.threshold(),
              result.tenFoldAccuracy(),
              result.tenFoldDeviation(),
              result.pairs());
        }
      }
      if (json) {
        Application.print(results);
      }
    }
    return 0;
  }
}
