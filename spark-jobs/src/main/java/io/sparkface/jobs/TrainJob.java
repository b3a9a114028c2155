package io.sparkface.jobs;

import io.sparkface.pipeline.distribute.EpochTrainer;
import io.sparkface.pipeline.plan.Distribution;
import io.sparkface.pipeline.plan.PlanFile;
import io.sparkface.pipeline.plan.TrainPlan;
import io.sparkface.pipeline.train.MemoryEstimate;
import io.sparkface.pipeline.train.TrainingRun;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

  @Spec private CommandSpec spec;

  @Option(names = "--output", description = "Directory of the run; required but for --dry-run.")
  private String output;

  @Option(names = "--fresh", description = "Begin anew where a run exists.")
  private boolean fresh;

  @Option(
      names = "--resume",
      description =
          "A checkpoint of another run: position, weights and history are taken over from it when"
              + " the output holds no run yet.")
  private String resume;

  @Option(
      names = "--dry-run",
      description = "Print the effective plan and the memory estimate, train nothing.")
  private boolean dryRun;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    if (output == null && !dryRun) {
      throw new ParameterException(spec.commandLine(), "Missing required option: '--output'");
    }
    try (Application application = Application.start("train")) {
      PlanFile file = PlanFile.load(plan, settings, application.hadoop());
      if (dryRun) {
        explain(file, application);
        return 0;
      }
      TrainingRun run = run(file, application);
      if (fresh) {
        Path path = new Path(output);
        path.getFileSystem(application.hadoop()).delete(path, true);
      }
      TrainingRun.Result result = run.run(Optional.ofNullable(resume));
      if (printed.json()) {
        application.print(result);
      } else if (result.end() == TrainingRun.End.STOPPED) {
        application
            .results()
            .println("stopped after step " + result.steps() + "; run again to go on");
      } else {
        application.results().println("model: " + result.model());
      }
    }
    return 0;
  }

  private void explain(PlanFile file, Application application) {
    TrainPlan checked = file.plan();
    application.results().print(file.explain());
    if (checked.data().faces().isEmpty()) {
      application.results().println(MemoryEstimate.of(checked, 0, 0));
      application.results().println("heads: their memory is told when data.faces is set");
    } else {
      String anywhere = output == null ? "dry-run" : output;
      application
          .results()
          .println(new TrainingRun(checked, anywhere, application.hadoop()).memory());
    }
  }

  private TrainingRun run(PlanFile file, Application application) {
    Distribution distribution = file.distribution();
    Configuration hadoop = application.hadoop();
    return EpochTrainer.onExecutors(distribution, application.context())
        .map(executors -> new TrainingRun(file.plan(), output, hadoop, executors))
        .orElseGet(() -> new TrainingRun(file.plan(), output, hadoop));
  }
}
