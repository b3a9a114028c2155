package io.sparkface.models.layers;

import io.sparkface.models.kernels.AttentionShape;
import io.sparkface.models.kernels.AttentionShape.Places;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Multi-head self-attention between the places of NHWC images (Vaswani et al. 2017,
 * arXiv:1706.03762), without the projections around it, which are 1x1 convolutions: the input's
 * channels are the queries of all heads, then their keys, then their values. With relative places,
 * distances have learnt vectors of their own, so that such a layer is for maps of one size.
 *
 * @see AttentionShape
 */
public final class SelfAttention extends BlockLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty("height")
  private int height;

  @JsonProperty("width")
  private int width;

  @JsonProperty("heads")
  private int heads;

  @JsonProperty("places")
  private Places places = Places.NONE;

  /** For JSON. */
  SelfAttention() {}

  private SelfAttention(Builder builder) {
    super(builder);
    height = builder.height;
    width = builder.width;
    heads = builder.heads;
    places = builder.places;
  }

  /** The attention for a batch. */
  public AttentionShape shape(long batch) {
    return new AttentionShape((int) batch, height, width, heads, (int) nOut / heads, places);
  }

  @Override
  public ParameterBlock block() {
    AttentionShape shape = shape(1);
    ParameterBlock block = new ParameterBlock();
    return places == Places.NONE
        ? block
        : block.with(Part.POSITIONS, shape.distances(), shape.size());
  }

  @Override
  void initialisePositions(INDArray positions) {
    positions.assign(Nd4j.randn(positions.dataType(), positions.shape()).muli(shape(1).scale()));
  }

  @Override
  BlockComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new SelfAttentionLayer(conf, type);
  }

  @Override
  public long multiplyAdds(InputType input) {
    long pairs = (long) height * width * height * width;
    return pairs * nOut * (places == Places.NONE ? 2 : 3);
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return InputType.convolutional(height, width, nOut, CNN2DFormat.NHWC);
  }

  @Override
  public SelfAttention clone() {
    return (SelfAttention) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof SelfAttention that
        && height == that.height
        && width == that.width
        && heads == that.heads
        && places == that.places;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), height, width, heads, places);
  }

  /** Starts a layer of {@code heads}, each over {@code size} numbers, for maps of a size. */
  public static Builder of(int height, int width, int heads, int size) {
    return new Builder(height, width, heads).nIn(3 * heads * size).nOut(heads * size);
  }

  /** Without relative places, unless told otherwise. */
  public static final class Builder extends BlockLayer.Builder<Builder> {
    private final int height;
    private final int width;
    private final int heads;
    private Places places = Places.NONE;

    private Builder(int height, int width, int heads) {
      this.height = height;
      this.width = width;
      this.heads = heads;
    }

    /** What is known about places. */
    public Builder places(Places kind) {
      places = kind;
      return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public SelfAttention build() {
      return new SelfAttention(this);
    }
  }
}
