package io.sparkface.models.heads;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * An output layer that computes its loss and all gradients by itself. Beside what is trained it may
 * keep state in parameters of its own, which thus travel with the weights into checkpoints; the
 * backward pass writes them, like running statistics, and neither decay nor updater moves them.
 */
public abstract class Head extends FeedForwardLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty("ownL2")
  private double ownL2 = Double.NaN;

  @JsonProperty("weight")
  private double weight = 1;

  /** For JSON. */
  protected Head() {
    this(0, 0);
  }

  /**
   * @param in numbers per sample of the input
   * @param out numbers per sample of the activation
   */
  protected Head(long in, long out) {
    nIn = in;
    nOut = out;
    activationFn = new ActivationIdentity();
    // so that the network's is taken over, which DL4J does only where a layer has none
    gradientNormalization = null;
    gradientNormalizationThreshold = Double.NaN;
  }

  /** Every array of the head, in the order in which they lie in the network's vector. */
  public abstract List<HeadParameter> parameters();

  /** Writes first values into arrays that may hold anything. */
  protected abstract void initialise(Map<String, INDArray> parameters);

  /** A fresh computation. */
  protected abstract HeadComputation computation();

  /** One line for the log: which head, and of what. */
  @Override
  public String toString() {
    return getClass().getSimpleName();
  }

  /** What its labels are. */
  public HeadLabels labels() {
    return HeadLabels.CLASSES;
  }

  /** Multiplies the loss by {@code factor}, for use beside other heads. */
  public final void weigh(double factor) {
    weight = factor;
  }

  /** What the loss is multiplied by. */
  public final double weight() {
    return weight;
  }

  /** How workers agree on each array of state, by name. */
  public final Map<String, Merge> state() {
    Map<String, Merge> state = new LinkedHashMap<>();
    parameters().forEach(p -> p.merge().ifPresent(merge -> state.put(p.name(), merge)));
    return state;
  }

  /** How many numbers are trained: all arrays but those of state. */
  public final long trainedNumbers() {
    return parameters().stream()
        .filter(parameter -> parameter.merge().isEmpty())
        .mapToLong(HeadParameter::length)
        .sum();
  }

  /**
   * Makes the gradient of the trained arrays gain {@code l2} times their value, in place of the
   * network's L2. Decay of the network that is no L2 stays beside it.
   */
  public final void decay(double l2) {
    ownL2 = l2;
  }

  @Override
  public List<Regularization> getRegularizationByParam(String name) {
    if (state().containsKey(name)) {
      return null;
    }
    List<Regularization> given = super.getRegularizationByParam(name);
    // DL4J M2.1 validates a graph's layers twice and adds the same decay again each time
    List<Regularization> decay =
        new ArrayList<>(given == null ? List.of() : given.stream().distinct().toList());
    if (!Double.isNaN(ownL2)) {
      decay.removeIf(L2Regularization.class::isInstance);
      if (ownL2 > 0) {
        decay.add(new L2Regularization(ownL2));
      }
    }
    return decay.isEmpty() ? null : decay;
  }

  /** State is moved by no optimiser, which so keeps nothing for it either. */
  @Override
  public IUpdater getUpdaterByParam(String name) {
    return state().containsKey(name) ? new NoOp() : super.getUpdaterByParam(name);
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialise,
      DataType type) {
    HeadLayer layer = new HeadLayer(conf, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    layer.setParamTable(initializer().init(conf, parameters, initialise));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return HeadInitializer.INSTANCE;
  }

  @Override
  public InputType getOutputType(int index, InputType inputType) {
    return InputType.feedForward(nOut);
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    long arriving = inputType.arrayElementsPerExample();
    if (arriving != nIn) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + " of width " + nIn + " behind " + arriving);
    }
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType inputType) {
    return null;
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof Head that
        && Double.compare(ownL2, that.ownL2) == 0
        && weight == that.weight;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), ownL2, weight);
  }
}
