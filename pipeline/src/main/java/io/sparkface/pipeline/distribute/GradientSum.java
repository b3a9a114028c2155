package io.sparkface.pipeline.distribute;

import java.io.IOException;

/** How the gradients of all workers become one. */
interface GradientSum {
  /** Replaces every worker's {@code gradient} by the sum, bit for bit the same everywhere. */
  void sum(HostFloats gradient) throws IOException;
}
