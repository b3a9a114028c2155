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
  @Option(names = "--model", required = true, description = "Model trained on the set.")
  private String model;

  @Option(names = "--data", required = true, description = "The face set.")
  private String data;

  @Option(names = "--output", required = true, description = "Directory of the cleaned set.")
  private String output;

  @Option(
      names = "--angle",
      description = "Largest angle to the dominant sub-centre, degrees (default 75).")
  private double angle = 75;

  @Option(names = "--overwrite", description = "Replace an existing output.")
  private boolean overwrite;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("drop-topk")) {
      Cleaning.Result result =
          Cleaning.run(
              application.spark(),
              model,
              data,
              angle,
              output,
              overwrite ? StagedOutput.Existing.OVERWRITE : StagedOutput.Existing.REFUSE);
      if (json) {
        Application.print(result);
      } else {
        System.out.println(result);
      }
    }
    return 0;
  }
}
