package io.sparkface.jobs;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.synthetic.SyntheticFaces;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws a small RecordIO face set. */
@Command(
    name = "synthesize",
    description = {
      "Draws a small face set as RecordIO with header0, label noise and held-out pairs, to try",
      "everything without face data."
    },
    mixinStandardHelpOptions = true)
final class SynthesizeJob implements Callable<Integer> {
  @Option(names = "--output", required = true, description = "Directory to write.")
  private String output;

  @Option(names = "--identities", description = "People to train on (default 20).")
  private int identities = 20;

  @Option(names = "--images", description = "Pictures of each (default 20).")
  private int images = 20;

  @Option(names = "--size", description = "Pixels of a side (default 112).")
  private int size = 112;

  @Option(names = "--noise", description = "Share of wrong labels (default 0.1).")
  private double noise = 0.1;

  @Option(names = "--pairs", description = "Held-out pairs (default 200).")
  private int pairs = 200;

  @Option(names = "--seed", description = "Seed of everything drawn (default 1).")
  private long seed = 1;

  @Option(names = "--dry-run", description = "Say what would be drawn, write nothing.")
  private boolean dryRun;

  @Override
  public Integer call() throws IOException {
    try (Application application = Application.start("synthesize")) {
      Path target = new Path(output);
      if (target.getFileSystem(application.hadoop()).exists(new Path(target, "train.rec"))) {
        throw new UserError("there is a set already", output, "name another --output");
      }
      if (dryRun) {
        application
            .results()
            .printf(
                "%d images of %d identities, %d pairs -> %s%n",
                (long) images * identities, identities, pairs, output);
        return 0;
      }
      new SyntheticFaces(new SyntheticFaces.Options(identities, images, size, noise, pairs, seed))
          .write(target, application.hadoop());
      application.results().println(output);
    }
    return 0;
  }
}
