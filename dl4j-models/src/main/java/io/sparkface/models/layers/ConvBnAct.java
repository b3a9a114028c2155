package io.sparkface.models.layers;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.ConvolutionShape;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.kernels.Precision;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.Objects;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Convolution (normal, grouped or depthwise), batch normalisation and activation as one layer over
 * NHWC images: y = act(bn(x * kernel + bias)), without a bias unless asked for. Inference
 * multiplies the normalisation into the kernel. With {@link Builder#flatten()} the output, which
 * must then be one position, is {@code [batch, out]}: so a dense layer over an h x w map is a
 * convolution whose kernel is h x w.
 */
public final class ConvBnAct extends BlockLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty("kernelHeight")
  private int kernelHeight = 1;

  @JsonProperty("kernelWidth")
  private int kernelWidth = 1;

  @JsonProperty("stride")
  private int stride = 1;

  @JsonProperty("groups")
  private int groups = 1;

  @JsonProperty("padding")
  private Padding padding = Padding.SAME;

  @JsonProperty("normalised")
  private boolean normalised = true;

  @JsonProperty("biased")
  private boolean biased;

  @JsonProperty("flat")
  private boolean flat;

  @JsonProperty("inputGradient")
  private boolean inputGradient = true;

  @JsonProperty("precision")
  private Precision precision = Precision.FLOAT32;

  /** For JSON. */
  ConvBnAct() {}

  private ConvBnAct(Builder builder) {
    super(builder);
    kernelHeight = builder.kernelHeight;
    kernelWidth = builder.kernelWidth;
    stride = builder.stride;
    groups = builder.groups;
    padding = builder.padding;
    normalised = builder.normalised;
    biased = builder.biased;
    flat = builder.flat;
    inputGradient = builder.inputGradient;
  }

  /** The convolution for inputs of a size. */
  public ConvolutionShape shape(long batch, long height, long width) {
    return new ConvolutionShape(
        (int) batch,
        (int) height,
        (int) width,
        (int) nIn,
        (int) nOut,
        kernelHeight,
        kernelWidth,
        stride,
        groups,
        padding);
  }

  /** Whether a batch normalisation follows the convolution. */
  public boolean normalised() {
    return normalised;
  }

  /** In which numbers the convolution multiplies. */
  public Precision precision() {
    return precision;
  }

  /** Before the network is initialised. */
  public void computeIn(Precision numbers) {
    precision = numbers;
  }

  boolean biased() {
    return biased;
  }

  /** Whether the output is {@code [batch, out]}. */
  public boolean flat() {
    return flat;
  }

  boolean inputGradient() {
    return inputGradient;
  }

  @Override
  public ParameterBlock block() {
    ParameterBlock block =
        new ParameterBlock().with(Part.KERNEL, kernelHeight, kernelWidth, nIn / groups, nOut);
    if (biased) {
      block.with(Part.BIAS, nOut);
    }
    return withActivation(normalised ? withNormalisation(block) : block);
  }

  /** Fan-in and fan-out as Keras counts them: of a depthwise kernel that is [h, w, in, 1]. */
  @Override
  void initialiseKernel(INDArray kernel) {
    double positions = kernelHeight * kernelWidth;
    boolean depthwise = groups > 1 && groups == nIn && nIn == nOut;
    getWeightInitFn()
        .init(
            positions * (depthwise ? nIn : nIn / groups),
            positions * (depthwise ? 1 : nOut),
            kernel.shape(),
            'c',
            kernel.reshape(kernel.length()));
  }

  @Override
  BlockComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new ConvBnActLayer(conf, type);
  }

  @Override
  public long multiplyAdds(InputType input) {
    var image = image(input);
    ConvolutionShape shape = shape(1, image.getHeight(), image.getWidth());
    return (long) shape.outHeight() * shape.outWidth() * block().length(Part.KERNEL);
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    var image = image(inputType);
    ConvolutionShape shape = shape(1, image.getHeight(), image.getWidth());
    return flat
        ? InputType.feedForward(nOut)
        : InputType.convolutional(shape.outHeight(), shape.outWidth(), nOut, CNN2DFormat.NHWC);
  }

  /** What was convolved and, before some activations, what was normalised. */
  @Override
  public int keptOutputs() {
    if (!normalised) {
      return act() == Activation.NONE ? 1 : 2;
    }
    return act().keepsItsInput() ? 3 : 2;
  }

  @Override
  public ConvBnAct clone() {
    return (ConvBnAct) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof ConvBnAct that
        && kernelHeight == that.kernelHeight
        && kernelWidth == that.kernelWidth
        && stride == that.stride
        && groups == that.groups
        && padding == that.padding
        && normalised == that.normalised
        && biased == that.biased
        && flat == that.flat
        && inputGradient == that.inputGradient
        && precision == that.precision;
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        super.hashCode(),
        kernelHeight,
        kernelWidth,
        stride,
        groups,
        padding,
        normalised,
        biased,
        flat,
        precision);
  }

  /** Starts a layer of {@code out} channels over {@code in}. */
  public static Builder of(int in, int out) {
    return new Builder().nIn(in).nOut(out);
  }

  /** A 1x1 convolution with stride 1, SAME padding and no activation, unless told otherwise. */
  public static final class Builder extends BlockLayer.Builder<Builder> {
    private int kernelHeight = 1;
    private int kernelWidth = 1;
    private int stride = 1;
    private int groups = 1;
    private Padding padding = Padding.SAME;
    private boolean normalised = true;
    private boolean biased;
    private boolean flat;
    private boolean inputGradient = true;

    private Builder() {}

    /** A square kernel. */
    public Builder kernel(int size) {
      return kernel(size, size);
    }

    /** A kernel of any size. */
    public Builder kernel(int height, int width) {
      kernelHeight = height;
      kernelWidth = width;
      return this;
    }

    /** Rows and columns from one output to the next. */
    public Builder stride(int step) {
      stride = step;
      return this;
    }

    /** Input and output channels fall into this many independent groups. */
    public Builder groups(int count) {
      groups = count;
      return this;
    }

    /** How the border is treated. */
    public Builder padding(Padding kind) {
      padding = kind;
      return this;
    }

    /** The convolution alone. */
    public Builder withoutBatchNorm() {
      normalised = false;
      return this;
    }

    /**
     * A number added to every channel. In front of a normalisation it changes nothing but the
     * running means, and is there only because some published networks have it.
     */
    public Builder bias() {
      biased = true;
      return this;
    }

    /** Output {@code [batch, out]} instead of {@code [batch, 1, 1, out]}. */
    public Builder flatten() {
      flat = true;
      return this;
    }

    /** For a layer directly behind the images, whose gradient nobody needs. */
    public Builder withoutInputGradient() {
      inputGradient = false;
      return this;
    }

    @Override
    @SuppressWarnings("unchecked")
    public ConvBnAct build() {
      return new ConvBnAct(this);
    }
  }
}
