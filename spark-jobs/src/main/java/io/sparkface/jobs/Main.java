package io.sparkface.jobs;

import io.sparkface.base.UserError;
import java.util.List;
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
  private static final int USAGE_WIDTH = 122;
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
    DeserialisationFilter.install();
    CommandLine line = commandLine(List.of(arguments));
    int status;
    try {
      status = line.execute(arguments);
    } catch (Error e) {
      // picocli lets them pass, and the JVM's own status for them is that of wrong usage; Hadoop's
      // local file system throws one where the disk is full
      status = report(e, line, List.of(arguments));
    }
    Application.end(status);
    return status;
  }

  private static CommandLine commandLine(List<String> arguments) {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        // descriptions have lines of their own, which narrower columns would cut again
        .setUsageHelpWidth(USAGE_WIDTH)
        .setExitCodeExceptionMapper(e -> e instanceof UserError ? USER : INTERNAL)
        .setExecutionExceptionHandler((e, command, parsed) -> report(e, command, arguments))
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

  private static int report(Throwable error, CommandLine command, List<String> arguments) {
    UserError known = userError(error);
    if (known == null && isFullDisk(error)) {
      known = fullDisk(error, arguments);
    }
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

  /** Whether a device or a quota is used up, as the operating system and HDFS say it. */
  static boolean isFullDisk(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String text = cause.toString();
      if (text.contains("No space left on device")
          || text.contains("Disk quota exceeded")
          || text.contains("QuotaExceededException")) {
        return true;
      }
    }
    return false;
  }

  private static UserError fullDisk(Throwable error, List<String> arguments) {
    int output = arguments.indexOf("--output");
    String where =
        output >= 0 && output + 1 < arguments.size() ? arguments.get(output + 1) : "the output";
    return new UserError(
        "the disk is full",
        where + ", or spark.local.dir, where Spark sorts",
        "make room and run the same command again; what was there before is as it was",
        error);
  }

  @Override
  public Integer call() {
    CommandLine.usage(this, System.err);
    return USAGE;
  }
}
