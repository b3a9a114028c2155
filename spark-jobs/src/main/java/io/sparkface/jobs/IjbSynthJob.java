package io.sparkface.jobs;

import io.sparkface.pipeline.evaluate.ijb.IjbSubset;
import io.sparkface.pipeline.evaluate.ijb.IjbSynthesis;
import io.sparkface.pipeline.prepare.PersonFolders;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lays out a small IJB-style release. */
@Command(
    name = "ijb-synth",
    description = {
      "Lays out a small release like IJB-B or IJB-C from folders of aligned faces, one a person:",
      "loose crops, all meta files, galleries and probes. To try evaluate-ijb without the real one."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  spark-submit ijb-synth --input faces --output ijb",
      "  spark-submit evaluate-ijb --data ijb --model run1/model --all --identify"
    })
final class IjbSynthJob implements Callable<Integer> {
  @Option(names = "--input", required = true, description = "A folder of person folders.")
  private String input;

  @Option(names = "--output", required = true, description = "Root under which IJBB is written.")
  private String output;

  @Option(names = "--subset", description = "IJBB (default) or IJBC: whose names are used.")
  private IjbSubset subset = IjbSubset.IJBB;

  @Option(
      names = "--impostors",
      description = "Pairs of different people for each pair of one (default 20).")
  private int impostors = 20;

  @Option(names = "--seed", description = "Seed of everything drawn (default 1).")
  private long seed = 1;

  @Mixin private ResultOptions printed;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("ijb-synth")) {
      IjbSynthesis.Result result =
          new IjbSynthesis(
                  PersonFolders.open(new Path(input), application.hadoop()),
                  subset,
                  impostors,
                  seed)
              .write(output, application.hadoop());
      if (printed.json()) {
        application.print(result);
      } else {
        application
            .results()
            .printf(
                "%s: %d people (%d left out), %d images, %d templates, %d pairs (%d genuine)%n",
                output,
                result.people(),
                result.left(),
                result.images(),
                result.templates(),
                result.pairs(),
                result.genuine());
      }
    }
    return 0;
  }
}
