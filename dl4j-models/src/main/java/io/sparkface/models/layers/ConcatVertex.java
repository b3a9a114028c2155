package io.sparkface.models.layers;

import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.kernels.Region;
import io.sparkface.models.kernels.RegionCopy;
import java.util.Arrays;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link Concat}. */
final class ConcatVertex extends ParameterFreeVertexComputation {
  private static final long serialVersionUID = 1L;

  private transient long[][] shapes;
  private transient long[] shape;
  private transient RegionCopy[] joining;
  private transient RegionCopy[] parting;

  ConcatVertex(ComputationGraph graph, String name, int index, DataType type) {
    super(graph, name, index, type);
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    long[][] now = Arrays.stream(inputs).map(INDArray::shape).toArray(long[][]::new);
    if (!Arrays.deepEquals(now, shapes)) {
      prepare(now);
    }
    INDArray y = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c');
    for (int i = 0; i < inputs.length; i++) {
      joining[i].run(inputs[i], y);
    }
    return y;
  }

  private void prepare(long[][] now) {
    shapes = now;
    shape = now[0].clone();
    shape[3] = Arrays.stream(now).mapToLong(s -> s[3]).sum();
    joining = new RegionCopy[now.length];
    parting = new RegionCopy[now.length];
    Kernels kernels = Kernels.forType(dataType);
    int batch = (int) shape[0];
    int height = (int) shape[1];
    int width = (int) shape[2];
    int first = 0;
    for (int i = 0; i < now.length; i++) {
      int channels = (int) now[i][3];
      Region all = Region.all(batch, height, width, channels);
      Region share = Region.channels(batch, height, width, (int) shape[3], first, channels);
      joining[i] = kernels.copy(all, share);
      parting[i] = kernels.copy(share, all);
      first += channels;
    }
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    INDArray[] gradients = new INDArray[shapes.length];
    for (int i = 0; i < shapes.length; i++) {
      gradients[i] =
          workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, shapes[i], 'c');
      parting[i].run(epsilon, gradients[i]);
    }
    return new Pair<>(null, gradients);
  }
}
