package io.sparkface.models.layers;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;

/** Batch normalisation and activation over NHWC images: y = act(bn(x)). */
public final class BatchNormAct extends BlockLayer {
  private static final long serialVersionUID = 1L;

  /** For JSON. */
  BatchNormAct() {}

  private BatchNormAct(Builder builder) {
    super(builder);
  }

  @Override
  public ParameterBlock block() {
    return withActivation(withNormalisation(new ParameterBlock()));
  }

  @Override
  BlockComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new BatchNormActLayer(conf, type);
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return image(inputType);
  }

  /** Before some activations what was normalised, too. */
  @Override
  public int keptOutputs() {
    return act().keepsItsInput() ? 2 : 1;
  }

  @Override
  public BatchNormAct clone() {
    return (BatchNormAct) super.clone();
  }

  /** Starts a layer over {@code channels}. */
  public static Builder of(int channels) {
    return new Builder().nIn(channels).nOut(channels);
  }

  /** Without an activation, unless told otherwise. */
  public static final class Builder extends BlockLayer.Builder<Builder> {
    private Builder() {}

    @Override
    @SuppressWarnings("unchecked")
    public BatchNormAct build() {
      return new BatchNormAct(this);
    }
  }
}
