package io.sparkface.models.layers;

import io.sparkface.models.kernels.RowNormalization;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link LayerNorm}. */
final class LayerNormLayer extends BlockComputation<LayerNorm> implements Planned {
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
      normalization = normalization(length);
    }
    INDArray y = create(workspaces, ArrayType.ACTIVATIONS, input.shape());
    normalization.forward(input, value(Part.SCALE_SHIFT), y);
    return y;
  }

  private RowNormalization normalization(long elements) {
    long channels = layerConf().getNOut();
    return kernels().rowNormalization(elements / channels, channels, layerConf().epsilon());
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    return inputs.get(0);
  }

  @Override
  public Action plan(List<long[]> inputs) {
    RowNormalization planned = normalization(ArrayUtil.prodLong(inputs.get(0)));
    INDArray scaleShift = copy(Part.SCALE_SHIFT);
    return (xs, y) -> planned.forward(xs.get(0), scaleShift, y);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient = create(workspaces, ArrayType.ACTIVATION_GRAD, input.shape());
    normalization.backward(
        input, value(Part.SCALE_SHIFT), epsilon, inputGradient, gradient(Part.SCALE_SHIFT));
    return result(inputGradient);
  }
}
