package io.sparkface.jobs;

import io.sparkface.pipeline.report.Report;
import io.sparkface.pipeline.report.ReportServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A page on runs. */
@Command(
    name = "report",
    description = {
      "One HTML page on a run, or on several compared: training curves, accuracy by epoch, best",
      "epochs, ROC, score histograms, IJB, dropped images. It needs no network and no other file."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "PATH may be a run directory, a history.json or an original's _hist.json, results that",
      "evaluate, evaluate-folder or evaluate-ijb kept by --output, or a set that drop-topk wrote.",
      "",
      "Examples:",
      "  spark-submit report run1",
      "  spark-submit report run1 run2 faces-clean --output compared.html --plots plots",
      "  spark-submit report run1 --serve"
    })
final class ReportJob implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PATH", arity = "1..*", description = "What the page is on.")
  private List<String> paths;

  @Option(
      names = "--output",
      description = "File of the page (default PATH/report.html where PATH is one directory).")
  private String output;

  @Option(
      names = "--plots",
      paramLabel = "DIR",
      description = "Write each plot as SVG and PNG here too.")
  private String plots;

  @Option(
      names = "--metric",
      paramLabel = "SET",
      description = "Pair set the best epochs are chosen by (default the last one).")
  private String metric = "";

  @Option(
      names = "--serve",
      description = "Serve the page, kept up to date, until Ctrl-C; writes no file.")
  private boolean serve;

  @Option(names = "--port", description = "Port of --serve (default 8080; 0 for any).")
  private int port = 8080;

  @Option(
      names = "--address",
      description = {
        "Address of --serve (default 127.0.0.1, which other machines do not reach). The page is",
        "not protected: whoever reaches the address sees it."
      })
  private String address = "127.0.0.1";

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!serve && output == null && (paths.size() > 1 || paths.get(0).endsWith(".json"))) {
      throw new ParameterException(
          spec.commandLine(), "Missing required option: '--output', as PATH is not one directory");
    }
    try (Application application = Application.start("report")) {
      Report report = new Report(paths, metric, application.hadoop());
      if (serve) {
        try (ReportServer server = ReportServer.start(report, address, port)) {
          application.results().println("http://" + address + ":" + server.port() + "/");
          new CountDownLatch(1).await();
        }
      }
      String file = output == null ? paths.get(0) + "/" + Report.FILE : output;
      report.write(file);
      List<String> drawn = plots == null ? List.of() : report.writePlots(plots);
      if (printed.json()) {
        application.print(Map.of("report", file, "plots", drawn));
      } else {
        application.results().println(file);
      }
    }
    return 0;
  }
}
