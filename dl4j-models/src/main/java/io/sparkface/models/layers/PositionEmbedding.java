package io.sparkface.models.layers;

import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.TruncatedNormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * y = x + P with a learnt vector P {@code [height, width, channels]} for every place of NHWC images
 * of one size (Dosovitskiy et al. 2021, arXiv:2010.11929).
 */
public final class PositionEmbedding extends BlockLayer {
  private static final long serialVersionUID = 1L;
  private static final double FIRST_DEVIATION = 0.02;

  @JsonProperty("height")
  private int height;

  @JsonProperty("width")
  private int width;

  /** For JSON. */
  PositionEmbedding() {}

  private PositionEmbedding(Builder builder) {
    super(builder);
    height = builder.height;
    width = builder.width;
  }

  @Override
  public ParameterBlock block() {
    return new ParameterBlock().with(Part.POSITIONS, height, width, nOut);
  }

  @Override
  void initialisePositions(INDArray positions) {
    new WeightInitDistribution(new TruncatedNormalDistribution(0, FIRST_DEVIATION))
        .init(0, 0, positions.shape(), 'c', positions.reshape(positions.length()));
  }

  @Override
  BlockComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new PositionEmbeddingLayer(conf, type);
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return image(inputType);
  }

  @Override
  public PositionEmbedding clone() {
    return (PositionEmbedding) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof PositionEmbedding that
        && height == that.height
        && width == that.width;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), height, width);
  }

  /** Starts a layer for maps of a size. */
  public static Builder of(int height, int width, int channels) {
    return new Builder(height, width).nIn(channels).nOut(channels);
  }

  /** Nothing to choose. */
  public static final class Builder extends BlockLayer.Builder<Builder> {
    private final int height;
    private final int width;

    private Builder(int height, int width) {
      this.height = height;
      this.width = width;
    }

    @Override
    @SuppressWarnings("unchecked")
    public PositionEmbedding build() {
      return new PositionEmbedding(this);
    }
  }
}
