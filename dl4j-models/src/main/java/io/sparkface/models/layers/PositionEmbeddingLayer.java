package io.sparkface.models.layers;

import io.sparkface.models.kernels.Matrices;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link PositionEmbedding}. */
final class PositionEmbeddingLayer extends BlockComputation<PositionEmbedding> implements Planned {
  private static final long serialVersionUID = 1L;

  PositionEmbeddingLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public INDArray activate(boolean train, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    INDArray y = create(workspaces, ArrayType.ACTIVATIONS, input.shape());
    y.assign(input);
    rows(y).addiRowVector(value(Part.POSITIONS).reshape(1, -1));
    return y;
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    return inputs.get(0);
  }

  @Override
  public Action plan(List<long[]> inputs) {
    Matrices matrices = kernels().matrices();
    INDArray positions = copy(Part.POSITIONS).reshape(1, -1);
    return (xs, y) -> matrices.plus(rows(xs.get(0)), positions, rows(y));
  }

  private static INDArray rows(INDArray images) {
    return images.reshape('c', images.size(0), images.length() / images.size(0));
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient = create(workspaces, ArrayType.ACTIVATION_GRAD, input.shape());
    inputGradient.assign(epsilon);
    INDArray positions = gradient(Part.POSITIONS);
    positions.assign(rows(epsilon).sum(0).reshape(positions.shape()));
    return result(inputGradient);
  }
}
