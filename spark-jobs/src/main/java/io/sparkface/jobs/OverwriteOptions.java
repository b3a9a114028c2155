package io.sparkface.jobs;

import io.sparkface.pipeline.prepare.StagedOutput;
import picocli.CommandLine.Option;

/** What becomes of an output that is there already. */
final class OverwriteOptions {
  @Option(names = "--overwrite", description = "Replace an existing output.")
  private boolean overwrite;

  StagedOutput.Existing existing() {
    return overwrite ? StagedOutput.Existing.OVERWRITE : StagedOutput.Existing.REFUSE;
  }
}
