package io.sparkface.models.layers;

import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Rows and columns of zeros added before and after those of NHWC images; a negative number takes
 * rows and columns away, so that (-1, 1) moves an image by one position.
 */
public final class ZeroPad extends ParameterFreeLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty("before")
  private int before;

  @JsonProperty("after")
  private int after;

  /** For JSON. */
  ZeroPad() {}

  private ZeroPad(int before, int after) {
    this.before = before;
    this.after = after;
  }

  /** The same for rows and columns. */
  public static ZeroPad of(int before, int after) {
    return new ZeroPad(before, after);
  }

  /** Rows and columns added in front. */
  public int before() {
    return before;
  }

  /** Rows and columns added behind. */
  public int after() {
    return after;
  }

  @Override
  ParameterFreeComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new ZeroPadLayer(conf, type);
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    var image = BlockLayer.image(inputType);
    return InputType.convolutional(
        image.getHeight() + before + after,
        image.getWidth() + before + after,
        image.getChannels(),
        CNN2DFormat.NHWC);
  }

  @Override
  public ZeroPad clone() {
    return (ZeroPad) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof ZeroPad that
        && before == that.before
        && after == that.after;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), before, after);
  }
}
