package io.sparkface.models.layers;

import io.sparkface.models.kernels.Activation;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;

/** An activation alone, over NHWC images, where no normalisation stands in front of it. */
public final class Activate extends BlockLayer {
  private static final long serialVersionUID = 1L;

  /** For JSON. */
  Activate() {}

  private Activate(Builder builder) {
    super(builder);
  }

  @Override
  public ParameterBlock block() {
    return withActivation(new ParameterBlock());
  }

  @Override
  BlockComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new ActivateLayer(conf, type);
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return image(inputType);
  }

  @Override
  public Activate clone() {
    return (Activate) super.clone();
  }

  /** Starts a layer over {@code channels}. */
  public static Builder of(int channels, Activation activation) {
    return new Builder().nIn(channels).nOut(channels).act(activation);
  }

  /** Nothing to choose but the activation. */
  public static final class Builder extends BlockLayer.Builder<Builder> {
    private Builder() {}

    @Override
    @SuppressWarnings("unchecked")
    public Activate build() {
      return new Activate(this);
    }
  }
}
