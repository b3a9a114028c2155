package io.sparkface.pipeline.distribute;

import io.sparkface.models.optim.GradientClipping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's updater, which first sums the gradient over all workers and then divides by the images of
 * the whole step: momentum, decay and clipping see what one machine with the whole batch would see.
 */
final class GradientExchange extends ComputationGraphUpdater {
  private final Ring ring;
  private final int batchSize;
  private final double mostNorm;
  private final Consumer<String> doing;

  /**
   * @param state of the optimiser, shared with the caller, or null
   * @param batchSize images of a step over all workers
   * @param mostNorm to which the mean gradient of all weights together is shortened
   */
  GradientExchange(
      ComputationGraph graph,
      INDArray state,
      Ring ring,
      int batchSize,
      double mostNorm,
      Consumer<String> doing) {
    super(graph, state);
    this.ring = ring;
    this.batchSize = batchSize;
    this.mostNorm = mostNorm;
    this.doing = doing;
  }

  @Override
  public synchronized void update(
      Gradient gradient, int iteration, int epoch, int share, LayerWorkspaceMgr workspaces) {
    doing.accept("exchanging gradients");
    try {
      INDArray flat = getFlattenedGradientsView();
      ring.sum(HostFloats.of(flat.reshape(flat.length())));
      GradientClipping.shorten(flat, batchSize, mostNorm);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    doing.accept("updating");
    super.update(gradient, iteration, epoch, batchSize, workspaces);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
