package io.sparkface.models.layers;

import java.util.Objects;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * y = shortcut + branch, the branch left out at random while training (Huang et al. 2016,
 * arXiv:1603.09382); the first input is the branch.
 */
public final class StochasticDepth extends ParameterFreeVertex {
  private static final long serialVersionUID = 1L;

  @JsonProperty("kept")
  private Kept kept;

  @JsonProperty("survival")
  private double survival;

  /** What one draw decides about. */
  public enum Kept {
    /**
     * One draw for the whole batch; inference multiplies the branch with the probability (the
     * paper's, spec section 3.7).
     */
    PER_BATCH,
    /**
     * One draw for each image; a branch that is kept is divided by the probability, inference keeps
     * it as it is (EfficientNet's drop-connect, spec section 3.5).
     */
    PER_IMAGE
  }

  /** For JSON. */
  StochasticDepth() {}

  /**
   * @param survival probability with which the branch is kept, above 0 and up to 1
   */
  public StochasticDepth(Kept kept, double survival) {
    if (!(survival > 0 && survival <= 1)) {
      throw new IllegalArgumentException("a survival of " + survival);
    }
    this.kept = kept;
    this.survival = survival;
  }

  /** What one draw is for. */
  public Kept kept() {
    return kept;
  }

  /** The probability with which the branch is kept. */
  public double survival() {
    return survival;
  }

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray parameters,
      boolean initialise,
      DataType type) {
    return new StochasticDepthVertex(graph, name, index, type, kept, survival);
  }

  @Override
  public InputType getOutputType(int index, InputType... inputs) {
    return inputs[0];
  }

  @Override
  public int maxVertexInputs() {
    return 2;
  }

  @Override
  public GraphVertex clone() {
    return new StochasticDepth(kept, survival);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StochasticDepth that && kept == that.kept && survival == that.survival;
  }

  @Override
  public int hashCode() {
    return Objects.hash(kept, survival);
  }
}
