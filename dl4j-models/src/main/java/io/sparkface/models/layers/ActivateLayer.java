package io.sparkface.models.layers;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.ChannelActivation;
import io.sparkface.models.kernels.NormalizationShape;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link Activate}. */
final class ActivateLayer extends BlockComputation<Activate> implements Planned {
  private static final long serialVersionUID = 1L;

  private transient NormalizationShape shape;
  private transient ChannelActivation activation;

  ActivateLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public INDArray activate(boolean train, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    NormalizationShape now = shape(input.shape());
    if (!now.equals(shape)) {
      shape = now;
      activation = kernels().activation(now);
    }
    INDArray y = create(workspaces, ArrayType.ACTIVATIONS, input.shape());
    activation.forward(input, value(Part.ALPHA), y);
    return y;
  }

  /** The activation, which {@link ConvBnActLayer#planAdding} can do where it learns nothing. */
  Activation activation() {
    return layerConf().act();
  }

  private NormalizationShape shape(long[] x) {
    return new NormalizationShape(
        (int) x[0], (int) x[1], (int) x[2], (int) x[3], layerConf().epsilon(), layerConf().act());
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    return inputs.get(0);
  }

  @Override
  public Action plan(List<long[]> inputs) {
    ChannelActivation planned = kernels().activation(shape(inputs.get(0)));
    INDArray alpha = copy(Part.ALPHA);
    return (xs, y) -> planned.forward(xs.get(0), alpha, y);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient = create(workspaces, ArrayType.ACTIVATION_GRAD, input.shape());
    activation.backward(input, value(Part.ALPHA), epsilon, inputGradient, gradient(Part.ALPHA));
    return result(inputGradient);
  }
}
