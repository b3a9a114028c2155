package io.sparkface.models.layers;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.params.EmptyParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A layer over NHWC images whose parameters form one {@link ParameterBlock}. Weight decay, L1 and
 * L2 reach {@link #decayed()} only: the kernel, unless told otherwise, never running statistics.
 *
 * <p>Batch normalisation: running = momentum * running + (1 - momentum) * batch, written in the
 * backward pass, so that looking at a network in training mode does not change it.
 */
public abstract sealed class BlockLayer extends FeedForwardLayer
    permits Activate,
        BatchNormAct,
        ConvBnAct,
        LayerNorm,
        PositionEmbedding,
        SelfAttention,
        SqueezeExcite {
  private static final long serialVersionUID = 1L;

  @JsonProperty("act")
  private Activation act = Activation.NONE;

  @JsonProperty("momentum")
  private double momentum = 0.99;

  @JsonProperty("epsilon")
  private double epsilon = 0.001;

  @JsonProperty("scaled")
  private boolean scaled = true;

  @JsonProperty("firstScale")
  private double firstScale = 1;

  @JsonProperty("decayed")
  private Set<Part> decayed = EnumSet.of(Part.KERNEL);

  BlockLayer() {}

  BlockLayer(Builder<?> builder) {
    super(builder);
    act = builder.substituted();
    momentum = builder.momentum;
    epsilon = builder.epsilon;
    scaled = builder.scaled;
    firstScale = builder.firstScale;
    decayed = EnumSet.copyOf(builder.decayed);
    initializeConstraints(builder);
  }

  /** Where each parameter lies. */
  public abstract ParameterBlock block();

  /** What follows the normalisation. */
  public Activation act() {
    return act;
  }

  /** The share of the old running statistics kept at each step. */
  public double momentum() {
    return momentum;
  }

  /** Added to the variance. */
  public double epsilon() {
    return epsilon;
  }

  /** Whether the normalisation has a gamma. */
  public boolean scaled() {
    return scaled;
  }

  /** What gamma starts at. */
  double firstScale() {
    return firstScale;
  }

  /** What weight decay, L1 and L2 reach. */
  public Set<Part> decayed() {
    return Set.copyOf(decayed);
  }

  /** Multiplications with an addition for one input of a type, those of kernels only. */
  public long multiplyAdds(InputType input) {
    return 0;
  }

  /**
   * Arrays of the output's size that training keeps for the way back: the output, and what it was
   * made of.
   */
  public int keptOutputs() {
    return 1;
  }

  /** What computes this layer. */
  abstract BlockComputation<?> computation(NeuralNetConfiguration conf, DataType type);

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialise,
      DataType type) {
    BlockComputation<?> layer = computation(conf, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    layer.setParamTable(initializer().init(conf, parameters, initialise));
    layer.setConf(conf);
    return layer;
  }

  /** Gamma, beta and running statistics behind what {@code block} has already. */
  ParameterBlock withNormalisation(ParameterBlock block) {
    return (scaled ? block.with(Part.SCALE_SHIFT, 2, nOut) : block.with(Part.SHIFT, nOut))
        .with(Part.STATISTICS, 2, nOut);
  }

  /** What the activation learns, if it does, behind what {@code block} has already. */
  ParameterBlock withActivation(ParameterBlock block) {
    int kinds = act.parametersPerChannel();
    return kinds == 0 ? block : block.with(Part.ALPHA, kinds * nOut);
  }

  /** Writes the first values of a kernel; the rest of the block is the same for all layers. */
  void initialiseKernel(INDArray kernel) {}

  /** Writes the first values of what is learnt about places. */
  void initialisePositions(INDArray positions) {}

  @Override
  public ParamInitializer initializer() {
    return block().length() == 0 ? EmptyParamInitializer.getInstance() : BlockInitializer.INSTANCE;
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    if (nIn <= 0 || override) {
      nIn = image(inputType).getChannels();
    }
  }

  @Override
  public List<Regularization> getRegularizationByParam(String paramName) {
    List<Regularization> given = super.getRegularizationByParam(paramName);
    ParameterBlock block = block();
    List<Part> parts = block.parts().stream().filter(decayed::contains).toList();
    // DL4J M2.1 validates a graph's layers twice and adds the same decay again each time
    return given == null || parts.isEmpty()
        ? null
        : given.stream()
            .distinct()
            .<Regularization>map(r -> new PartsRegularization(r, block, parts))
            .toList();
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    InputType outputType = getOutputType(-1, inputType);
    long activations = outputType.arrayElementsPerExample();
    return new LayerMemoryReport.Builder(layerName, getClass(), inputType, outputType)
        .standardMemory(block().length(), block().length())
        .workingMemory(0, activations, 0, activations)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  static InputType.InputTypeConvolutional image(InputType type) {
    if (type instanceof InputType.InputTypeConvolutional image) {
      return image;
    }
    throw new IllegalArgumentException("expected an NHWC image as input, got " + type);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof BlockLayer that
        && act == that.act
        && momentum == that.momentum
        && epsilon == that.epsilon
        && scaled == that.scaled
        && firstScale == that.firstScale
        && decayed.equals(that.decayed);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), act, momentum, epsilon, scaled, firstScale, decayed);
  }

  /** What all block layers are built from. */
  @SuppressWarnings("unchecked")
  public abstract static class Builder<T extends Builder<T>> extends FeedForwardLayer.Builder<T> {
    private Activation act = Activation.NONE;
    private double momentum = 0.99;
    private double epsilon = 0.001;
    private boolean scaled = true;
    private double firstScale = 1;
    private Set<Part> decayed = EnumSet.of(Part.KERNEL);

    private Activation insteadOfRelu;

    Builder() {
      activation(org.nd4j.linalg.activations.Activation.IDENTITY);
    }

    /** What follows the normalisation. */
    public T act(Activation activation) {
      this.act = activation;
      return (T) this;
    }

    /** Puts another activation in the place of ReLU and ReLU6; ReLU leaves both. */
    public T insteadOfRelu(Activation other) {
      this.insteadOfRelu = other;
      return (T) this;
    }

    private Activation substituted() {
      boolean relu = act == Activation.RELU || act == Activation.RELU6;
      // ReLU in the place of itself would make ReLU6 unbounded
      boolean other = insteadOfRelu != null && insteadOfRelu != Activation.RELU;
      return relu && other ? insteadOfRelu : act;
    }

    /** The normalisation's momentum and epsilon. */
    public T batchNorm(double momentum, double epsilon) {
      this.momentum = momentum;
      this.epsilon = epsilon;
      return (T) this;
    }

    /** A normalisation without gamma. */
    public T withoutScale() {
      this.scaled = false;
      return (T) this;
    }

    /**
     * A normalisation whose gamma starts at 0: as the last one of a residual branch it makes the
     * branch nothing at first (Goyal et al. 2017, arXiv:1706.02677).
     */
    public T scaleFromZero() {
      this.firstScale = 0;
      return (T) this;
    }

    /** What weight decay, L1 and L2 reach. */
    public T decayed(Set<Part> parts) {
      if (parts.contains(Part.STATISTICS)) {
        throw new IllegalArgumentException("running statistics are not trained");
      }
      this.decayed = EnumSet.copyOf(parts);
      return (T) this;
    }
  }
}
