package io.sparkface.pipeline.train;

import io.sparkface.pipeline.plan.TrainPlan;
import java.util.Locale;

/**
 * Off-heap memory of the margin head, which is what grows with the number of identities: weights,
 * gradient and momentum of [D, C * K], and logits of [N, C] held four times in a step (notes
 * section 2.4). The backbone's own buffers come on top.
 *
 * @param weightBytes weights, gradient and momentum
 * @param logitBytes intermediate cosines and probabilities of one step
 */
public record MemoryEstimate(long weightBytes, long logitBytes) {
  private static final int WEIGHT_COPIES = 3;
  private static final int LOGIT_COPIES = 4;

  static MemoryEstimate of(TrainPlan plan, int identities, int subCentres) {
    long columns = (long) identities * subCentres;
    return new MemoryEstimate(
        4L * WEIGHT_COPIES * plan.network().embeddingSize() * columns,
        4L * LOGIT_COPIES * plan.data().batchSize() * columns);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "margin head: %.1f MiB for weights, gradient and momentum, %.1f MiB for the logits of a step",
        weightBytes / 1048576.0,
        logitBytes / 1048576.0);
  }
}
