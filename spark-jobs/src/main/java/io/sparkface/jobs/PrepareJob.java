package io.sparkface.jobs;

import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.PairSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** RecordIO, person folders or a verification pickle → Parquet. */
@Command(
    name = "prepare",
    description = "Converts RecordIO, person folders or a verification .bin to Parquet.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit prepare --input faces_emore/train.rec --output hdfs:///faces/emore",
      "  spark-submit prepare --input lfw.bin --output lfw.pairs"
    })
final class PrepareJob implements Callable<Integer> {
  enum BadRecords {
    fail,
    quarantine
  }

  enum Target {
    parquet,
    bin
  }

  @Option(
      names = "--input",
      required = true,
      description =
          "A .rec, a folder with train.rec, a folder of person folders, or a verification .bin.")
  private String input;

  @Option(names = "--output", required = true, description = "Directory to write.")
  private String output;

  @Option(names = "--to", description = "parquet (default), or bin: a .bin of plain byte strings.")
  private Target target = Target.parquet;

  @Option(names = "--seed", description = "Seed of the order of rows (default 1).")
  private long seed = 1;

  @Option(
      names = "--on-bad-record",
      description = "fail (default), or quarantine: leave bad records out and list them.")
  private BadRecords onBadRecord = BadRecords.fail;

  @Option(
      names = "--max-bad-records",
      description = "Most bad records that quarantine leaves out (default 100).")
  private long maxBadRecords = 100;

  @Option(names = "--overwrite", description = "Replace an existing output.")
  private boolean overwrite;

  @Option(names = "--dry-run", description = "Read and check the input, write nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    StagedOutput.Existing existing =
        overwrite ? StagedOutput.Existing.OVERWRITE : StagedOutput.Existing.REFUSE;
    try (Application application = Application.start("prepare")) {
      if (input.endsWith(".bin")) {
        pairs(application, existing);
      } else {
        faces(application, existing);
      }
    }
    return 0;
  }

  private void faces(Application application, StagedOutput.Existing existing) throws IOException {
    FaceSetPreparation preparation =
        new FaceSetPreparation(
            application.spark(),
            new FaceSetPreparation.Options(
                input,
                output,
                seed,
                onBadRecord == BadRecords.quarantine ? maxBadRecords : 0,
                existing));
    if (dryRun) {
      FaceSetPreparation.Survey survey = preparation.survey();
      say(
          application,
          Map.of(
              "images", survey.images(),
              "identities", survey.imagesByIdentity().size(),
              "bytes", survey.bytes(),
              "bad", survey.bad().size()));
      return;
    }
    FaceSetManifest done = preparation.run();
    say(
        application,
        Map.of(
            "images", done.rows(),
            "identities", done.identities(),
            "quarantined", done.quarantined(),
            "output", output));
  }

  private void pairs(Application application, StagedOutput.Existing existing) throws IOException {
    long count;
    if (dryRun) {
      count = PairSetPreparation.read(input, application.hadoop()).size();
    } else if (target == Target.bin) {
      count = PairSetPreparation.toBin(input, output, existing, application.hadoop());
    } else {
      count = PairSetPreparation.toParquet(application.spark(), input, output, existing).rows();
    }
    say(application, Map.of("pairs", count, "output", output));
  }

  private void say(Application application, Map<String, Object> result) throws IOException {
    if (json) {
      application.print(result);
    } else {
      application.results().println(result);
    }
  }
}
