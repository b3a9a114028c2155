package io.sparkface.models.layers;

import io.sparkface.models.kernels.Addition;
import io.sparkface.models.kernels.Kernels;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link ResidualAdd}. */
final class ResidualAddVertex extends BaseGraphVertex implements Planned {
  private static final long serialVersionUID = 1L;

  private transient Addition addition;
  private transient long length = -1;

  ResidualAddVertex(ComputationGraph graph, String name, int index, DataType type) {
    super(graph, name, index, null, null, type);
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    INDArray branch = inputs[0];
    INDArray shortcut = inputs[1];
    if (length != branch.length()) {
      length = branch.length();
      addition = Kernels.forType(dataType).addition(length);
    }
    INDArray sum =
        workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, branch.shape(), 'c');
    addition.forward(branch, shortcut, sum);
    return sum;
  }

  @Override
  public boolean isSum() {
    return true;
  }

  @Override
  public long[] outputShape(List<long[]> terms) {
    return terms.get(0);
  }

  @Override
  public Action plan(List<long[]> terms) {
    Addition planned = Kernels.forType(dataType).addition(ArrayUtil.prodLong(terms.get(0)));
    return (xs, y) -> planned.forward(xs.get(0), xs.get(1), y);
  }

  /** The gradient of both inputs; copied, because the workspace it comes in closes behind us. */
  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    INDArray copy = workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon, 'c');
    return new Pair<>(null, new INDArray[] {copy, copy});
  }

  @Override
  public boolean hasLayer() {
    return false;
  }

  @Override
  public Layer getLayer() {
    return null;
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray gradients) {
    if (gradients != null) {
      throw new IllegalStateException("an addition has no parameters");
    }
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArrays(
      INDArray[] masks, MaskState state, int batch) {
    return null;
  }

  @Override
  public String toString() {
    return "ResidualAdd(" + getVertexName() + ")";
  }
}
