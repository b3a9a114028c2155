package io.sparkface.jobs;

import io.sparkface.pipeline.export.ModelBenchmark;
import io.sparkface.pipeline.export.Precision;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Size and latency of a model by precision and threads. */
@Command(
    name = "benchmark",
    description = {
      "Size, time for one picture and accuracy of a model in several precisions, by ONNX Runtime",
      "on this machine's CPU. int8 is calibrated on the pictures of --faces."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit benchmark --model run1/model --threads 1,4 --precision float32,float16,int8"
          + " --faces faces --pairs lfw.bin"
    })
final class BenchmarkJob implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      description = "A model directory, or a model of another framework.")
  private String model;

  @Option(names = "--threads", split = ",", description = "Threads to time with (default 1).")
  private List<Integer> threads = List.of(1);

  @Option(
      names = "--precision",
      split = ",",
      description =
          "float32 (default), float16, int8, int8_weights; several with commas between them.")
  private List<Precision> precisions = List.of(Precision.FLOAT32);

  @Option(
      names = "--faces",
      description = "Face set or pair set to run on; drawn pictures without it.")
  private String faces;

  @Option(names = "--pairs", description = "Pair set to measure the accuracy on.")
  private String pairs;

  @Option(names = "--runs", description = "Pictures timed per row (default 50).")
  private int runs = 50;

  @Mixin private PixelOptions pixels;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("benchmark")) {
      List<ModelBenchmark.Row> rows =
          ModelBenchmark.run(
              new ModelBenchmark.Options(
                  model,
                  pixels.normalisation(),
                  precisions,
                  threads,
                  Optional.ofNullable(faces),
                  Optional.ofNullable(pairs),
                  runs),
              application.hadoop());
      if (printed.json()) {
        application.print(rows);
      } else {
        table(application.results(), rows);
      }
    }
    return 0;
  }

  private static void table(PrintStream out, List<ModelBenchmark.Row> rows) {
    out.printf(
        "%-12s %8s %10s %10s %10s %10s%n",
        "precision", "threads", "MB", "ms", "fastest", "accuracy");
    for (ModelBenchmark.Row row : rows) {
      out.printf(
          Locale.ROOT,
          "%-12s %8d %10.2f %10.2f %10.2f %10s%n",
          row.precision().title(),
          row.threads(),
          row.bytes() / 1e6,
          row.medianMillis(),
          row.fastestMillis(),
          row.accuracy().map(value -> String.format(Locale.ROOT, "%.6f", value)).orElse("-"));
    }
  }
}
