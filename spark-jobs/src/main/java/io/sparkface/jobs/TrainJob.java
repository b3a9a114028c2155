package io.sparkface.jobs;

import io.sparkface.pipeline.plan.PlanFile;
import io.sparkface.pipeline.train.TrainingRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a plan. */
@Command(
    name = "train",
    description = {
      "Trains the network of a plan. Run again on the same output it goes on after the newest",
      "checkpoint."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit train --conf plan.conf --set data.faces=hdfs:///faces/emore --output run1"
    })
final class TrainJob implements Callable<Integer> {
  @Option(
      names = {"--conf", "--plan"},
      required = true,
      description = "The plan, HOCON; every key is described in reference.conf.")
  private String plan;

  @Option(names = "--set", description = "A key=value over the plan; repeatable.")
  private List<String> settings = List.of();

  @Option(names = "--output", required = true, description = "Directory of the run.")
  private String output;

  @Option(names = "--fresh", description = "Begin anew where a run exists.")
  private boolean fresh;

  @Option(
      names = "--dry-run",
      description = "Print the effective plan and the memory estimate, train nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("train")) {
      PlanFile file = PlanFile.load(plan, settings, application.hadoop());
      TrainingRun run =
          new TrainingRun(
              file.plan(), fingerprint(file.plan().toString()), output, application.hadoop());
      if (dryRun) {
        System.out.print(file.explain());
        System.out.println(run.memory());
        return 0;
      }
      if (fresh) {
        Path path = new Path(output);
        path.getFileSystem(application.hadoop()).delete(path, true);
      }
      TrainingRun.Result result = run.run();
      if (json) {
        Application.print(result);
      } else {
        System.out.println("model: " + result.model());
      }
    }
    return 0;
  }

  private static String fingerprint(String effectivePlan) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(effectivePlan.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
