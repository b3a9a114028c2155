package io.sparkface.models.layers;

import io.sparkface.models.kernels.GlobalAverage;
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

/** Computes {@link GlobalAveragePool}. */
final class GlobalAveragePoolLayer extends AbstractLayer<GlobalAveragePool> {
  private static final long serialVersionUID = 1L;

  private transient GlobalAverage average;
  private transient long[] shape;

  GlobalAveragePoolLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    long[] now = input.shape();
    if (!Arrays.equals(now, shape)) {
      shape = now.clone();
      average =
          Kernels.forType(dataType)
              .globalAverage((int) now[0], (int) now[1], (int) now[2], (int) now[3]);
    }
    INDArray y =
        workspaces.createUninitialized(
            ArrayType.ACTIVATIONS, dataType, new long[] {now[0], 1, 1, now[3]}, 'c');
    average.forward(input, y);
    return y;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, shape, 'c');
    average.backward(epsilon, inputGradient);
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
