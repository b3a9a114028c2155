package io.sparkface.jobs;

import io.sparkface.pipeline.clean.Cleaning;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Cleans a face set by the sub-centres of a model trained on it. */
@Command(
    name = "drop-topk",
    description = "Writes a face set without the images far from their dominant sub-centre.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit drop-topk --model run1/model --data faces --output faces-clean --angle 75"
    })
final class DropTopkJob implements Callable<Integer> {
  @Option(
      names = "--model",
      converter = ClusterPath.class,
      required = true,
      description = "Model trained on the set.")
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
      description = "Largest angle to the dominant sub-centre, degrees (default 75).")
  private double angle = 75;

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

  @Option(names = "--overwrite", description = "Replace an existing output.")
  private boolean overwrite;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("drop-topk")) {
      Cleaning cleaning =
          new Cleaning(
              application.spark(),
              new Cleaning.Options(
                  model,
                  data,
                  angle,
                  output,
                  kind,
                  overwrite ? StagedOutput.Existing.OVERWRITE : StagedOutput.Existing.REFUSE));
      Record result = dryRun ? cleaning.outlook() : cleaning.run();
      if (json) {
        application.print(result);
      } else {
        application.results().println(result);
      }
    }
    return 0;
  }
}
