package io.sparkface.models.layers;

import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** The mean over height and width: {@code [n, h, w, c]} to {@code [n, 1, 1, c]}. */
public final class GlobalAveragePool extends ParameterFreeLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty("channels")
  private long channels;

  /** For JSON. */
  GlobalAveragePool() {}

  private GlobalAveragePool(long channels) {
    this.channels = channels;
  }

  /** A pool over {@code channels}. */
  public static GlobalAveragePool of(long channels) {
    return new GlobalAveragePool(channels);
  }

  @Override
  ParameterFreeComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new GlobalAveragePoolLayer(conf, type);
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return InputType.convolutional(1, 1, channels, CNN2DFormat.NHWC);
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    if (channels <= 0 || override) {
      channels = BlockLayer.image(inputType).getChannels();
    }
  }

  @Override
  public GlobalAveragePool clone() {
    return (GlobalAveragePool) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof GlobalAveragePool that
        && channels == that.channels;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), channels);
  }
}
