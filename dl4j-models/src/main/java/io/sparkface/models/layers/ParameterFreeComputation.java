package io.sparkface.models.layers;

import io.sparkface.models.kernels.Kernels;
import java.util.Arrays;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the implementations of layers without parameters share. */
abstract class ParameterFreeComputation<C extends ParameterFreeLayer> extends AbstractLayer<C> {
  private static final long serialVersionUID = 1L;

  private transient long[] shape;

  ParameterFreeComputation(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  /** Takes the operations for inputs of a shape. */
  abstract void prepare(Kernels kernels, long[] shape);

  /** The shape given for {@link #prepare}'s. */
  abstract long[] outputShape();

  abstract void forward(INDArray x, INDArray y);

  abstract void backward(INDArray x, INDArray gradient, INDArray xGradient);

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    if (!Arrays.equals(input.shape(), shape)) {
      shape = input.shape().clone();
      prepare(Kernels.forType(dataType), shape);
    }
    INDArray y =
        workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, outputShape(), 'c');
    forward(input, y);
    return y;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, shape, 'c');
    backward(input, epsilon, inputGradient);
    return new Pair<>(new DefaultGradient(), inputGradient);
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public void clearNoiseWeightParams() {}

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArray(
      INDArray maskArray, MaskState currentMaskState, int minibatchSize) {
    return new Pair<>(maskArray, currentMaskState);
  }
}
