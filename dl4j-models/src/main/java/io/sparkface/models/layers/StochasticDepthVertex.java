package io.sparkface.models.layers;

import io.sparkface.models.kernels.Addition;
import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.layers.StochasticDepth.Kept;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Computes {@link StochasticDepth}. */
final class StochasticDepthVertex extends ParameterFreeVertexComputation implements Planned {
  private static final long serialVersionUID = 1L;

  private final Kept kept;
  private final double survival;
  private transient Addition addition;
  private transient long length = -1;
  private transient double[] factors;

  StochasticDepthVertex(
      ComputationGraph graph, String name, int index, DataType type, Kept kept, double survival) {
    super(graph, name, index, type);
    this.kept = kept;
    this.survival = survival;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
    INDArray branch = inputs[0];
    if (length != branch.length()) {
      length = branch.length();
      addition = Kernels.forType(dataType).addition(length);
    }
    factors = factors(training, (int) branch.size(0));
    INDArray sum =
        workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, branch.shape(), 'c');
    sum.assign(branch);
    scale(sum);
    addition.forward(sum, inputs[1], sum);
    return sum;
  }

  @Override
  public boolean isSum() {
    return inferenceFactor() == 1;
  }

  @Override
  public long[] outputShape(List<long[]> terms) {
    return terms.get(0);
  }

  @Override
  public Action plan(List<long[]> terms) {
    Addition planned = Kernels.forType(dataType).addition(ArrayUtil.prodLong(terms.get(0)));
    double factor = inferenceFactor();
    return factor == 1
        ? (xs, sum) -> planned.forward(xs.get(0), xs.get(1), sum)
        : (xs, sum) -> {
          sum.assign(xs.get(0)).muli(factor);
          planned.forward(sum, xs.get(1), sum);
        };
  }

  /** What every branch is multiplied with where nobody trains. */
  private double inferenceFactor() {
    return kept == Kept.PER_BATCH ? survival : 1;
  }

  /** What each image's branch is multiplied with. */
  private double[] factors(boolean training, int images) {
    double[] result = new double[images];
    if (!training) {
      Arrays.fill(result, inferenceFactor());
    } else if (kept == Kept.PER_BATCH) {
      Arrays.fill(result, survives() ? 1 : 0);
    } else {
      Arrays.setAll(result, image -> survives() ? 1 / survival : 0);
    }
    return result;
  }

  private boolean survives() {
    return Nd4j.getRandom().nextDouble() < survival;
  }

  private void scale(INDArray images) {
    for (int i = 0; i < factors.length; i++) {
      if (factors[i] != 1) {
        images.slice(i).muli(factors[i]);
      }
    }
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
    INDArray branch = workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon, 'c');
    scale(branch);
    INDArray shortcut = workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon, 'c');
    return new Pair<>(null, new INDArray[] {branch, shortcut});
  }
}
