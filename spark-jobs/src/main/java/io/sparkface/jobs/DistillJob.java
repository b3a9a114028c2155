package io.sparkface.jobs;

import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.distill.Distillation;
import io.sparkface.pipeline.distill.EmbeddingSet;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A teacher's embeddings of a face set. */
@Command(
    name = "distill",
    description = "Writes a teacher's embeddings of a face set, for training with distill above 0.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit distill --model r100.onnx --data faces --output faces-r100"
    })
final class DistillJob implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      description = "The teacher: a model directory or an .onnx file.")
  private String model;

  @Option(names = "--data", required = true, description = "The face set.")
  private String data;

  @Option(names = "--output", required = true, description = "Directory of the embeddings.")
  private String output;

  @Option(
      names = "--normalisation",
      description = "Pixels of an ONNX model: face ((x - 127.5) / 128, default), imagenet, raw.")
  private Normalisation normalisation = Normalisation.FACE;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("distill")) {
      EmbeddingSet.Manifest result =
          Distillation.run(application.context(), model, normalisation, data, output);
      if (json) {
        Application.print(result);
      } else {
        System.out.println(result);
      }
    }
    return 0;
  }
}
