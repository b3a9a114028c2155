package io.sparkface.models.layers;

import io.sparkface.models.layers.ParameterBlock.Part;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Layer normalisation (Ba et al. 2016, arXiv:1607.06450) of NHWC images: every position by the mean
 * and variance of its own channels; the same in training and inference.
 */
public final class LayerNorm extends BlockLayer {
  private static final long serialVersionUID = 1L;

  /** For JSON. */
  LayerNorm() {}

  private LayerNorm(Builder builder) {
    super(builder);
  }

  @Override
  public ParameterBlock block() {
    return new ParameterBlock().with(Part.SCALE_SHIFT, 2, nOut);
  }

  @Override
  BlockComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new LayerNormLayer(conf, type);
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return image(inputType);
  }

  @Override
  public LayerNorm clone() {
    return (LayerNorm) super.clone();
  }

  /** Starts a layer over {@code channels}. */
  public static Builder of(int channels) {
    return new Builder().nIn(channels).nOut(channels);
  }

  /** Nothing to choose but {@code batchNorm}'s epsilon; its momentum does not matter. */
  public static final class Builder extends BlockLayer.Builder<Builder> {
    private Builder() {}

    @Override
    @SuppressWarnings("unchecked")
    public LayerNorm build() {
      return new LayerNorm(this);
    }
  }
}
