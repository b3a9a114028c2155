package io.sparkface.models.layers;

import io.sparkface.models.kernels.Padding;
import io.sparkface.models.kernels.PoolingShape;
import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The largest or mean value of square windows of NHWC images; what lies outside the image does not
 * count.
 */
public final class Pool extends ParameterFreeLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty("kind")
  private PoolingShape.Kind kind;

  @JsonProperty("kernel")
  private int kernel;

  @JsonProperty("stride")
  private int stride;

  @JsonProperty("padding")
  private Padding padding;

  /** For JSON. */
  Pool() {}

  private Pool(PoolingShape.Kind kind, int kernel, int stride, Padding padding) {
    this.kind = kind;
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }

  /** Windows of {@code kernel} x {@code kernel} positions every {@code stride}. */
  public static Pool of(PoolingShape.Kind kind, int kernel, int stride, Padding padding) {
    return new Pool(kind, kernel, stride, padding);
  }

  /** The windows over inputs of a size. */
  public PoolingShape shape(long batch, long height, long width, long channels) {
    return new PoolingShape(
        kind, (int) batch, (int) height, (int) width, (int) channels, kernel, stride, padding);
  }

  @Override
  ParameterFreeComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new PoolLayer(conf, type);
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    var image = BlockLayer.image(inputType);
    PoolingShape shape = shape(1, image.getHeight(), image.getWidth(), image.getChannels());
    return InputType.convolutional(
        shape.outHeight(), shape.outWidth(), image.getChannels(), CNN2DFormat.NHWC);
  }

  @Override
  public Pool clone() {
    return (Pool) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof Pool that
        && kind == that.kind
        && kernel == that.kernel
        && stride == that.stride
        && padding == that.padding;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), kind, kernel, stride, padding);
  }
}
