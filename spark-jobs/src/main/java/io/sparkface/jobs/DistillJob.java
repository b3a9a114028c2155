package io.sparkface.jobs;

import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.distill.Distillation;
import io.sparkface.pipeline.distill.EmbeddingExport;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
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
      // an MXNet model is named prefix,epoch
      split = ",(?!\\d+(?:,|$))",
      description = {
        "The teacher: a model directory or a model of others. Several, repeated or with commas between",
        "them, are joined: each of unit length, one behind the other."
      })
  private List<String> models;

  @Option(names = "--data", required = true, description = "The face set.")
  private String data;

  @Option(names = "--output", required = true, description = "Directory of the embeddings.")
  private String output;

  @Option(
      names = "--normalisation",
      description = "Pixels of an ONNX model: face ((x - 127.5) / 128, default), imagenet, raw.")
  private Normalisation normalisation = Normalisation.FACE;

  @Option(
      names = "--precision",
      description = "float32 (default), or float16, which takes half the space.")
  private EmbeddingFile.Precision precision = EmbeddingFile.Precision.FLOAT32;

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description = {
        "Write them as the original does, too: names, classes and embeddings in a .npz or",
        ".tfrecord."
      })
  private String export;

  @Option(names = "--dry-run", description = "Check teacher and data, write nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("distill")) {
      Distillation distillation =
          new Distillation(
              application.context(),
              new Distillation.Options(models, normalisation, precision, data, output));
      if (export != null) {
        EmbeddingExport.requireWritable(new Path(export), application.hadoop());
      }
      Record result = dryRun ? distillation.outlook() : distillation.run();
      if (export != null && !dryRun) {
        FaceSet faces = FaceSet.open(new Path(data), application.hadoop());
        new EmbeddingExport(faces, new Path(output), application.hadoop())
            .writeTo(new Path(export));
      }
      if (json) {
        application.print(result);
      } else {
        application.results().println(result);
      }
    }
    return 0;
  }
}
