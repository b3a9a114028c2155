package io.sparkface.models.layers;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Gate;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Squeeze-and-excite (Hu et al. 2018, arXiv:1709.01507): y = x * gate(act(mean(x) A + a) B + b),
 * mean over height and width, A {@code [channels, hidden]}, B {@code [hidden, channels]}. The block
 * holds A and B as one kernel {@code [2, channels * hidden]} and a, b as one bias.
 */
public final class SqueezeExcite extends BlockLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty("hidden")
  private long hidden;

  @JsonProperty("gate")
  private Gate gate = Gate.SIGMOID;

  @JsonProperty("biased")
  private boolean biased = true;

  /** For JSON. */
  SqueezeExcite() {}

  private SqueezeExcite(Builder builder) {
    super(builder);
    hidden = builder.hidden;
    gate = builder.gate;
    biased = builder.biased;
  }

  /** Numbers in the middle. */
  public long hidden() {
    return hidden;
  }

  /** What the factors come from. */
  public Gate gate() {
    return gate;
  }

  boolean biased() {
    return biased;
  }

  @Override
  public ParameterBlock block() {
    ParameterBlock block = new ParameterBlock().with(Part.KERNEL, 2, nIn * hidden);
    if (biased) {
      block.with(Part.BIAS, hidden + nIn);
    }
    int kinds = act().parametersPerChannel();
    return kinds == 0 ? block : block.with(Part.ALPHA, kinds * hidden);
  }

  @Override
  void initialiseKernel(INDArray kernel) {
    INDArray reduce = kernel.getRow(0);
    INDArray expand = kernel.getRow(1);
    getWeightInitFn().init(nIn, hidden, new long[] {nIn, hidden}, 'c', reduce);
    getWeightInitFn().init(hidden, nIn, new long[] {hidden, nIn}, 'c', expand);
  }

  @Override
  BlockComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new SqueezeExciteLayer(conf, type);
  }

  @Override
  public long multiplyAdds(InputType input) {
    return 2 * nIn * hidden;
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return image(inputType);
  }

  @Override
  public SqueezeExcite clone() {
    return (SqueezeExcite) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof SqueezeExcite that
        && hidden == that.hidden
        && gate == that.gate
        && biased == that.biased;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), hidden, gate, biased);
  }

  /** Starts a layer over {@code channels} with {@code hidden} numbers in the middle. */
  public static Builder of(int channels, int hidden) {
    return new Builder(hidden).nIn(channels).nOut(channels);
  }

  /** With biases, ReLU and a sigmoid, unless told otherwise. */
  public static final class Builder extends BlockLayer.Builder<Builder> {
    private final long hidden;
    private Gate gate = Gate.SIGMOID;
    private boolean biased = true;

    private Builder(long hidden) {
      this.hidden = hidden;
      act(Activation.RELU);
    }

    /** What the factors come from. */
    public Builder gate(Gate kind) {
      gate = kind;
      return this;
    }

    /** Without a and b. */
    public Builder withoutBias() {
      biased = false;
      return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public SqueezeExcite build() {
      return new SqueezeExcite(this);
    }
  }
}
