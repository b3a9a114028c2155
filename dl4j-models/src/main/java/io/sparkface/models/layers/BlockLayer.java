package io.sparkface.models.layers;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A layer over NHWC images whose parameters form one {@link ParameterBlock}. Weight decay, L1 and
 * L2 reach the kernel only: never gamma, beta, running statistics or PReLU slopes.
 *
 * <p>Batch normalisation: running = momentum * running + (1 - momentum) * batch, written in the
 * backward pass, so that looking at a network in training mode does not change it.
 */
public abstract sealed class BlockLayer extends FeedForwardLayer permits BatchNormAct, ConvBnAct {
  private static final long serialVersionUID = 1L;

  @JsonProperty("act")
  private Activation act = Activation.NONE;

  @JsonProperty("momentum")
  private double momentum = 0.99;

  @JsonProperty("epsilon")
  private double epsilon = 0.001;

  BlockLayer() {}

  BlockLayer(Builder<?> builder) {
    super(builder);
    act = builder.act;
    momentum = builder.momentum;
    epsilon = builder.epsilon;
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

  /** Writes the first values of a kernel; the rest of the block is the same for all layers. */
  void initialiseKernel(INDArray kernel) {}

  @Override
  public ParamInitializer initializer() {
    return BlockInitializer.INSTANCE;
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
    long kernel = block().length(Part.KERNEL);
    // DL4J M2.1 validates a graph's layers twice and adds the same decay again each time
    return given == null || kernel == 0
        ? null
        : given.stream()
            .distinct()
            .<Regularization>map(r -> new LeadingRegularization(r, kernel))
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
        && epsilon == that.epsilon;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), act, momentum, epsilon);
  }

  /** What all block layers are built from. */
  @SuppressWarnings("unchecked")
  public abstract static class Builder<T extends Builder<T>> extends FeedForwardLayer.Builder<T> {
    private Activation act = Activation.NONE;
    private double momentum = 0.99;
    private double epsilon = 0.001;

    Builder() {
      activation(org.nd4j.linalg.activations.Activation.IDENTITY);
    }

    /** What follows the normalisation. */
    public T act(Activation activation) {
      this.act = activation;
      return (T) this;
    }

    /** The normalisation's momentum and epsilon. */
    public T batchNorm(double momentum, double epsilon) {
      this.momentum = momentum;
      this.epsilon = epsilon;
      return (T) this;
    }
  }
}
