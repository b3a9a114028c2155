package io.sparkface.jobs;

import io.sparkface.pipeline.inspect.Inspection;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Says what a file or set holds. */
@Command(
    name = "inspect",
    description = "Says what a .rec, .bin, .npz, face set, set of embeddings or model holds.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  spark-submit inspect faces_emore/train.rec"})
final class InspectJob implements Callable<Integer> {
  @Parameters(paramLabel = "PATH", description = "The file or directory.")
  private String path;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("inspect")) {
      Map<String, Object> found = Inspection.of(path, application.hadoop());
      printed.print(found, application);
    }
    return 0;
  }
}
