package io.sparkface.models.layers;

import io.sparkface.models.kernels.RowNormalization;
import io.sparkface.models.layers.ParameterBlock.Part;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link LayerNorm}. */
final class LayerNormLayer extends BlockComputation<LayerNorm> {
  private static final long serialVersionUID = 1L;

  private transient long length;
  private transient RowNormalization normalization;

  LayerNormLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public INDArray activate(boolean train, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    if (input.length() != length) {
      length = input.length();
      long channels = layerConf().getNOut();
      normalization =
          kernels().rowNormalization(length / channels, channels, layerConf().epsilon());
    }
    INDArray y = create(workspaces, ArrayType.ACTIVATIONS, input.shape());
    normalization.forward(input, value(Part.SCALE_SHIFT), y);
    return y;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient = create(workspaces, ArrayType.ACTIVATION_GRAD, input.shape());
    normalization.backward(
        input, value(Part.SCALE_SHIFT), epsilon, inputGradient, gradient(Part.SCALE_SHIFT));
    return result(inputGradient);
  }
}
