package io.sparkface.jobs;

import io.sparkface.pipeline.clean.CentreKind;
import io.sparkface.pipeline.clean.Cleaning;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Cleans a face set by the sub-centres of a model trained on it, or by any model. */
@Command(
    name = "drop-topk",
    description = {
      "Writes a face set without images that are probably of another person than their label says:",
      "those far from their identity's dominant sub-centre in a model trained on the set, or from",
      "the mean of their identity's embeddings by any other model."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit drop-topk --model run1/model --data faces --output faces-clean --angle 75",
      "  spark-submit drop-topk --model r100.onnx --data faces --output faces-clean"
    })
final class DropTopkJob implements Callable<Integer> {
  @Option(
      names = "--model",
      converter = ClusterPath.class,
      required = true,
      description = "A model trained on the set, or one of others.")
  private String model;

  @Option(
      names = "--data",
      converter = ClusterPath.class,
      required = true,
      description = "The face set.")
  private String data;

  @Option(
      names = "--output",
      converter = ClusterPath.class,
      required = true,
      description = "Directory of the cleaned set.")
  private String output;

  @Option(
      names = "--angle",
      description = {
        "Largest angle that stays, degrees (default 75 to the dominant sub-centre, 70 to the mean)."
      })
  private Double angle;

  @Option(
      names = "--centres",
      description = {
        "head (default): the centres or sub-centres of the model's margin head, which a Keras model",
        "saved with its NormDense layer has too; means (default for models of others): each",
        "identity's mean embedding, of which an image's own is no part."
      })
  private CentreKind centres;

  @Mixin private PixelOptions pixels;

  @Option(
      names = "--to",
      description = {
        "rewritten (default): all rows that stay; index: only which rows of the set stay, which",
        "trains as well, as long as the set itself is there; rec: RecordIO without header0, as",
        "insightface's drop.py writes."
      })
  private Cleaning.Output kind = Cleaning.Output.REWRITTEN;

  @Option(names = "--dry-run", description = "Check model and data, write nothing.")
  private boolean dryRun;

  @Mixin private OverwriteOptions overwrite;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    CentreKind by = centres == null ? CentreKind.of(model) : centres;
    try (Application application = Application.start("drop-topk")) {
      Cleaning cleaning =
          new Cleaning(
              application.spark(),
              new Cleaning.Options(
                  model,
                  by,
                  pixels.normalisation(),
                  data,
                  angle == null ? by.usualDegrees() : angle,
                  output,
                  kind,
                  overwrite.existing()));
      Record result = dryRun ? cleaning.outlook() : cleaning.run();
      printed.print(result, application);
    }
    return 0;
  }
}
