package io.sparkface.jobs;

import io.sparkface.datasets.images.Normalisation;
import picocli.CommandLine.Option;

/** What numbers a model of another framework takes for pixels. */
final class PixelOptions {
  @Option(
      names = "--normalisation",
      description = {
        "Pixels of a model of others that does not say itself: face ((x - 127.5) / 128, default),",
        "imagenet, raw."
      })
  private Normalisation normalisation = Normalisation.FACE;

  Normalisation normalisation() {
    return normalisation;
  }
}
