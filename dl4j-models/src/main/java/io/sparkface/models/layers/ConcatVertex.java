package io.sparkface.models.layers;

import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.kernels.Region;
import io.sparkface.models.kernels.RegionCopy;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link Concat}. */
final class ConcatVertex extends ParameterFreeVertexComputation implements Planned {
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
    shape = outputShape(List.of(now));
    joining = copies(List.of(now), Kernels::copy);
    parting = copies(List.of(now), (kernels, all, share) -> kernels.copy(share, all));
  }

  /** A copy for each input, between all of it and its share of the channels. */
  private RegionCopy[] copies(List<long[]> parts, Direction direction) {
    long[] whole = outputShape(parts);
    int batch = (int) whole[0];
    int height = (int) whole[1];
    int width = (int) whole[2];
    Kernels kernels = Kernels.forType(dataType);
    RegionCopy[] copies = new RegionCopy[parts.size()];
    int first = 0;
    for (int i = 0; i < copies.length; i++) {
      int channels = (int) parts.get(i)[3];
      Region all = Region.all(batch, height, width, channels);
      Region share = Region.channels(batch, height, width, (int) whole[3], first, channels);
      copies[i] = direction.copy(kernels, all, share);
      first += channels;
    }
    return copies;
  }

  @FunctionalInterface
  private interface Direction {
    RegionCopy copy(Kernels kernels, Region all, Region share);
  }

  @Override
  public long[] outputShape(List<long[]> parts) {
    long[] whole = parts.get(0).clone();
    whole[3] = parts.stream().mapToLong(part -> part[3]).sum();
    return whole;
  }

  @Override
  public Action plan(List<long[]> parts) {
    RegionCopy[] planned = copies(parts, Kernels::copy);
    return (xs, y) -> {
      for (int i = 0; i < planned.length; i++) {
        planned[i].run(xs.get(i), y);
      }
    };
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
