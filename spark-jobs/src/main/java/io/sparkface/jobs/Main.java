package io.sparkface.jobs;

import io.sparkface.base.UserError;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code sparkface JOB [options]}. Exit status: 0 done, 1 wrong usage, 2 the user's data or
 * settings, 3 a fault of Sparkface or the cluster. Success returns from {@code main}, as YARN
 * expects.
 */
@Command(
    name = "spark-submit",
    description = "Face-recognition training on Apache Spark with Deeplearning4j.",
    synopsisSubcommandLabel = "JOB",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      PrepareJob.class,
      AlignJob.class,
      InspectJob.class,
      TrainJob.class,
      DropTopkJob.class,
      DistillJob.class,
      EvaluateJob.class,
      EvaluateFolderJob.class,
      EvaluateIjbJob.class,
      IjbSynthJob.class,
      ReportJob.class,
      RecognizeJob.class,
      ExportJob.class,
      BenchmarkJob.class,
      ModelsJob.class,
      SynthesizeJob.class
    })
public final class Main implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final int USAGE = 1;
  private static final int USER = 2;
  private static final int INTERNAL = 3;

  /** Entry point of the jar. */
  public static void main(String[] arguments) {
    int status = run(arguments);
    if (status != 0) {
      System.exit(status);
    }
  }

  static int run(String... arguments) {
    int status = commandLine().execute(arguments);
    Application.end(status);
    return status;
  }

  private static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExitCodeExceptionMapper(e -> e instanceof UserError ? USER : INTERNAL)
        .setExecutionExceptionHandler((e, command, parsed) -> report(e, command))
        .setParameterExceptionHandler(
            (e, words) -> {
              e.getCommandLine().getErr().println("error: " + e.getMessage());
              CommandLine.UnmatchedArgumentException.printSuggestions(
                  e, e.getCommandLine().getErr());
              e.getCommandLine()
                  .getErr()
                  .println(
                      "try: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
              return USAGE;
            });
  }

  private static int report(Exception error, CommandLine command) {
    UserError known = userError(error);
    if (known != null) {
      command.getErr().println("error: " + known.getMessage());
      if (System.getenv("SPARKFACE_STACKTRACE") != null) {
        known.printStackTrace(command.getErr());
      }
      return USER;
    }
    LOG.error("{} failed", command.getCommandName(), error);
    command.getErr().println("error: internal fault, see the log above: " + error);
    return INTERNAL;
  }

  /** Spark wraps what a task throws, or where it came from another JVM quotes it as text. */
  static UserError userError(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof UserError known) {
        return known;
      }
      if (cause.getMessage() != null && UserError.printedIn(cause.getMessage()).isPresent()) {
        return UserError.printedIn(cause.getMessage()).orElseThrow();
      }
    }
    return null;
  }

  @Override
  public Integer call() {
    CommandLine.usage(this, System.err);
    return USAGE;
  }
}
