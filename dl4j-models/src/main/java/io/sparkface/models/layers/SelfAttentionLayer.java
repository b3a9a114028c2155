package io.sparkface.models.layers;

import io.sparkface.models.kernels.Attention;
import io.sparkface.models.kernels.AttentionShape;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link SelfAttention}. */
final class SelfAttentionLayer extends BlockComputation<SelfAttention> implements Planned {
  private static final long serialVersionUID = 1L;

  private transient AttentionShape shape;
  private transient Attention attention;

  SelfAttentionLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public INDArray activate(boolean train, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    AttentionShape now = layerConf().shape(input.size(0));
    if (!now.equals(shape)) {
      shape = now;
      attention = kernels().attention(now);
    }
    INDArray y = create(workspaces, ArrayType.ACTIVATIONS, outputShape(List.of(input.shape())));
    attention.forward(input, value(Part.POSITIONS), y);
    return y;
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    AttentionShape places = layerConf().shape(inputs.get(0)[0]);
    return new long[] {places.batch(), places.height(), places.width(), layerConf().getNOut()};
  }

  @Override
  public Action plan(List<long[]> inputs) {
    Attention planned = kernels().attention(layerConf().shape(inputs.get(0)[0]));
    INDArray positions = copy(Part.POSITIONS);
    return (xs, y) -> planned.forward(xs.get(0), positions, y);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient = create(workspaces, ArrayType.ACTIVATION_GRAD, input.shape());
    INDArray room =
        create(
            workspaces,
            ArrayType.BP_WORKING_MEM,
            (long) shape.batch() * shape.heads(),
            shape.length(),
            shape.length());
    attention.backward(
        input, value(Part.POSITIONS), epsilon, room, inputGradient, gradient(Part.POSITIONS));
    return result(inputGradient);
  }
}
