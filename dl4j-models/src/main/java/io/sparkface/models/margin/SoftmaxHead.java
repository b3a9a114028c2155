package io.sparkface.models.margin;

import io.sparkface.models.heads.Head;
import io.sparkface.models.heads.HeadComputation;
import io.sparkface.models.heads.HeadParameter;
import io.sparkface.models.heads.HeadStep;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Ordinary classification: logits x·W without bias, {@code W} [D, C], and a loss on them (spec
 * 4.1). Labels as for {@link CosineHead}. The activation is the logits.
 */
public final class SoftmaxHead extends Head {
  private static final long serialVersionUID = 1L;

  @JsonProperty("loss")
  private SoftmaxLoss loss;

  /** For JSON. */
  SoftmaxHead() {}

  /**
   * @param embeddingSize D
   * @param classes C
   * @param loss on the logits
   */
  public SoftmaxHead(int embeddingSize, int classes, SoftmaxLoss loss) {
    super(embeddingSize, classes);
    this.loss = Objects.requireNonNull(loss);
  }

  @Override
  public List<HeadParameter> parameters() {
    return List.of(HeadParameter.trained(CosineHead.WEIGHTS, nIn, nOut));
  }

  /** Glorot normal. */
  @Override
  protected void initialise(Map<String, INDArray> parameters) {
    INDArray weights = parameters.get(CosineHead.WEIGHTS);
    double deviation = Math.sqrt(2.0 / (nIn + nOut));
    weights.assign(Nd4j.randn(weights.dataType(), weights.shape()).muli(deviation));
  }

  @Override
  protected HeadComputation computation() {
    return new Computation(loss);
  }

  private record Computation(SoftmaxLoss loss) implements HeadComputation {
    @Override
    public INDArray activate(INDArray input, Map<String, INDArray> parameters) {
      return input.mmul(parameters.get(CosineHead.WEIGHTS));
    }

    @Override
    public double backward(HeadStep step) {
      INDArray weights = step.parameters().get(CosineHead.WEIGHTS);
      SoftLabels labels = SoftLabels.read(step.labels(), (int) weights.size(1));
      INDArray logits = activate(step.input(), step.parameters());
      double[] losses = loss.overwrite(logits, labels);
      Nd4j.gemm(step.input(), logits, step.gradients().get(CosineHead.WEIGHTS), true, false, 1, 0);
      step.inputGradient().assign(logits.mmul(weights.transpose()));
      return DoubleStream.of(losses).sum();
    }
  }

  @Override
  public SoftmaxHead clone() {
    return (SoftmaxHead) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof SoftmaxHead that
        && Objects.equals(loss, that.loss);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), loss);
  }
}
