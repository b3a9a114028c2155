package io.sparkface.models.optim;

import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A step in two passes (SAM, Foret et al., 2021): e = ρ g / (|g| + 1e-12) from the gradient g at w,
 * then a step from w along the gradient at w + e. Decay and L2 see w.
 *
 * <p>For one network, in place of {@code graph.fit(batch)}; running statistics take in both passes.
 * It is one of the network's listeners, where trainers find it.
 */
public final class SharpnessAwareStep extends BaseTrainingListener {
  private static final double EPSILON = 1e-12;

  private final ComputationGraph graph;
  private final double radius;
  private INDArray before;
  private INDArray climbed;

  /**
   * @param graph to be trained
   * @param radius ρ, usually 0.05
   */
  public SharpnessAwareStep(ComputationGraph graph, double radius) {
    this.graph = graph;
    this.radius = radius;
    graph.addListeners(this);
  }

  /** How a network is to be trained; nothing where by plain steps. */
  public static Optional<SharpnessAwareStep> of(ComputationGraph graph) {
    return graph.getListeners().stream()
        .filter(SharpnessAwareStep.class::isInstance)
        .map(SharpnessAwareStep.class::cast)
        .findFirst();
  }

  /** ρ. */
  public double radius() {
    return radius;
  }

  /** Takes one step. */
  public void fit(MultiDataSet batch) {
    graph.setInputs(batch.getFeatures());
    graph.setLabels(batch.getLabels());
    graph.computeGradientAndScore();
    INDArray gradient = graph.getFlattenedGradients();
    double norm = gradient.norm2Number().doubleValue() / batch.getFeatures(0).size(0);
    double each = radius / (norm + EPSILON) / batch.getFeatures(0).size(0);
    climbed = gradient.mul(each).reshape(graph.params().shape());
    before = graph.params().dup();
    graph.params().addi(climbed);
    graph.fit(batch);
  }

  /**
   * What was climbed is w again to the bit, so that workers that climbed differently agree; what
   * was not is state of the passes and stays.
   */
  private void descend() {
    INDArray moved = climbed.neq(0).castTo(before.dataType());
    graph.params().muli(moved.rsub(1)).addi(before.muli(moved));
    climbed = null;
    before = null;
  }

  /** Goes back to w between gradient and update. */
  @Override
  public void onGradientCalculation(Model model) {
    if (before != null) {
      descend();
    }
  }
}
