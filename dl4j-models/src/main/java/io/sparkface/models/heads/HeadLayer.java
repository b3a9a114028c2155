package io.sparkface.models.heads;

import io.sparkface.models.kernels.KernelProfile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** Runs a {@link Head}'s computation for DL4J. */
final class HeadLayer extends BaseLayer<Head> implements IOutputLayer {
  private static final long serialVersionUID = 1L;

  private transient HeadComputation computation;
  private transient INDArray labels;

  /** Of the backward pass just done, whose score DL4J asks for next; NaN where there was none. */
  private transient double loss = Double.NaN;

  HeadLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  private HeadComputation computation() {
    if (computation == null) {
      computation = layerConf().computation();
    }
    return computation;
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    return workspaces.dup(ArrayType.ACTIVATIONS, computation().activate(input, params));
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    INDArray inputGradient =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, input.shape(), 'c');
    Map<String, Merge> state = layerConf().state();
    Gradient gradient = new DefaultGradient();
    Map<String, INDArray> trained = new LinkedHashMap<>();
    if (gradientViews != null) {
      gradientViews.forEach(
          (name, view) -> {
            gradient.gradientForVariable().put(name, view);
            if (state.containsKey(name)) {
              view.assign(0);
            } else {
              trained.put(name, view);
            }
          });
    }
    long started = KernelProfile.start();
    double weight = layerConf().weight();
    loss =
        weight
            * computation()
                .backward(
                    new HeadStep(
                        input, labels, params, trained, inputGradient, getIterationCount()));
    if (weight != 1) {
      inputGradient.muli(weight);
      trained.values().forEach(view -> view.muli(weight));
    }
    KernelProfile.stop("head", started);
    return new Pair<>(gradient, inputGradient);
  }

  @Override
  public double computeScore(
      double fullNetworkRegScore, boolean training, LayerWorkspaceMgr workspaces) {
    double sum = Double.isNaN(loss) ? lossWithoutTraces() : loss;
    loss = Double.NaN;
    // without what only the first output is asked to add
    score = sum / input.size(0);
    return score + fullNetworkRegScore;
  }

  private double lossWithoutTraces() {
    Map<String, INDArray> copies = new LinkedHashMap<>();
    Map<String, INDArray> unused = new LinkedHashMap<>();
    Map<String, Merge> state = layerConf().state();
    params.forEach(
        (name, array) -> {
          copies.put(name, state.containsKey(name) ? array.dup() : array);
          if (!state.containsKey(name)) {
            unused.put(name, Nd4j.createUninitialized(dataType, array.shape(), 'c'));
          }
        });
    INDArray inputGradient = Nd4j.createUninitialized(dataType, input.shape(), 'c');
    return layerConf().weight()
        * computation()
            .backward(
                new HeadStep(input, labels, copies, unused, inputGradient, getIterationCount()));
  }

  @Override
  public void clear() {
    super.clear();
    labels = null;
    loss = Double.NaN;
  }

  @Override
  public boolean needsLabels() {
    return true;
  }

  @Override
  public void setLabels(INDArray given) {
    labels = given;
  }

  @Override
  public INDArray getLabels() {
    return labels;
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArray(
      INDArray mask, MaskState current, int minibatchSize) {
    return new Pair<>(mask, current);
  }

  @Override
  public int numLabels() {
    return (int) layerConf().getNOut();
  }

  @Override
  public INDArray computeScoreForExamples(double reg, LayerWorkspaceMgr workspaces) {
    throw unsupported();
  }

  @Override
  public double f1Score(DataSet data) {
    throw unsupported();
  }

  @Override
  public double f1Score(INDArray examples, INDArray given) {
    throw unsupported();
  }

  @Override
  public void fit(DataSetIterator data) {
    throw unsupported();
  }

  @Override
  public int[] predict(INDArray examples) {
    throw unsupported();
  }

  @Override
  public List<String> predict(DataSet data) {
    throw unsupported();
  }

  @Override
  public void fit(INDArray examples, INDArray given) {
    throw unsupported();
  }

  @Override
  public void fit(DataSet data) {
    throw unsupported();
  }

  @Override
  public void fit(INDArray examples, int[] given) {
    throw unsupported();
  }

  private static UnsupportedOperationException unsupported() {
    return new UnsupportedOperationException("a head is trained inside its network");
  }
}
