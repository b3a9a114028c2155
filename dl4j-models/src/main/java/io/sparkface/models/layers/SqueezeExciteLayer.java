package io.sparkface.models.layers;

import io.sparkface.models.kernels.ChannelActivation;
import io.sparkface.models.kernels.ChannelGate;
import io.sparkface.models.kernels.Gate;
import io.sparkface.models.kernels.GlobalAverage;
import io.sparkface.models.kernels.NormalizationShape;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Computes {@link SqueezeExcite}: passes over images by kernels, the few numbers by ND4J. */
final class SqueezeExciteLayer extends BlockComputation<SqueezeExcite> {
  private static final long serialVersionUID = 1L;

  private transient Prepared prepared;
  private transient Passed passed;

  SqueezeExciteLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  private record Prepared(
      long[] shape, GlobalAverage average, ChannelActivation activation, ChannelGate gate) {
    long positions() {
      return shape[1] * shape[2];
    }
  }

  /** What the backward pass needs, all {@code [batch, …]}. */
  private record Passed(
      INDArray mean, INDArray hiddenBefore, INDArray hidden, INDArray gateBefore, INDArray gate) {}

  @Override
  public INDArray activate(boolean train, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    if (prepared == null || !Arrays.equals(prepared.shape(), input.shape())) {
      prepared = prepare(input.shape());
    }
    INDArray y = create(workspaces, ArrayType.ACTIVATIONS, input.shape());
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray mean = Nd4j.createUninitialized(dataType, input.size(0), input.size(3));
      prepared.average().forward(input, mean);
      INDArray hiddenBefore = biased(mean.mmul(reduce(value(Part.KERNEL))), true);
      INDArray hidden = Nd4j.createUninitialized(dataType, hiddenBefore.shape());
      prepared.activation().forward(hiddenBefore, value(Part.ALPHA), hidden);
      INDArray gateBefore = biased(hidden.mmul(expand(value(Part.KERNEL))), false);
      INDArray gate = gate(gateBefore);
      passed = new Passed(mean, hiddenBefore, hidden, gateBefore, gate);
    }
    prepared.gate().forward(input, passed.gate(), y);
    return y;
  }

  private Prepared prepare(long[] shape) {
    int batch = (int) shape[0];
    int height = (int) shape[1];
    int width = (int) shape[2];
    int channels = (int) shape[3];
    SqueezeExcite conf = layerConf();
    return new Prepared(
        shape.clone(),
        kernels().globalAverage(batch, height, width, channels),
        kernels()
            .activation(
                new NormalizationShape(
                    batch, 1, 1, (int) conf.hidden(), conf.epsilon(), conf.act())),
        kernels().gate(batch, height, width, channels));
  }

  private INDArray reduce(INDArray kernel) {
    return kernel.getRow(0).reshape('c', layerConf().getNIn(), layerConf().hidden());
  }

  private INDArray expand(INDArray kernel) {
    return kernel.getRow(1).reshape('c', layerConf().hidden(), layerConf().getNIn());
  }

  private INDArray biased(INDArray product, boolean first) {
    // the kernels want 'c' order, which mmul does not promise
    INDArray result = product.ordering() == 'c' ? product : product.dup('c');
    return layerConf().biased()
        ? result.addiRowVector(part(value(Part.BIAS), first).reshape(1, -1))
        : result;
  }

  private INDArray part(INDArray bias, boolean first) {
    long hidden = layerConf().hidden();
    return bias.get(
        first ? NDArrayIndex.interval(0, hidden) : NDArrayIndex.interval(hidden, bias.length()));
  }

  private INDArray gate(INDArray x) {
    return switch (layerConf().gate()) {
      case SIGMOID -> Transforms.sigmoid(x, true);
      case HARD_SIGMOID, STEEP_HARD_SIGMOID ->
          Transforms.min(Transforms.max(x.mul(slope()).addi(0.5), 0, false), 1, false);
    };
  }

  private INDArray gateSlope(INDArray before, INDArray gate) {
    if (layerConf().gate() == Gate.SIGMOID) {
      return gate.rsub(1).muli(gate);
    }
    INDArray inside = gate.gt(0).castTo(dataType).muli(gate.lt(1).castTo(dataType));
    return inside.muli(slope());
  }

  private double slope() {
    return layerConf().gate() == Gate.HARD_SIGMOID ? 1.0 / 6 : 0.2;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient = create(workspaces, ArrayType.ACTIVATION_GRAD, input.shape());
    INDArray spread;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray gate = Nd4j.createUninitialized(dataType, passed.gate().shape());
      prepared.gate().backwardGate(input, epsilon, inputGradient, gate);
      gate.muli(gateSlope(passed.gateBefore(), passed.gate()));
      INDArray kernel = gradient(Part.KERNEL);
      expand(kernel).assign(passed.hidden().transpose().mmul(gate));
      INDArray hidden = gate.mmul(expand(value(Part.KERNEL)).transpose()).dup('c');
      INDArray hiddenBefore = Nd4j.createUninitialized(dataType, hidden.shape());
      prepared
          .activation()
          .backward(
              passed.hiddenBefore(), value(Part.ALPHA), hidden, hiddenBefore, gradient(Part.ALPHA));
      reduce(kernel).assign(passed.mean().transpose().mmul(hiddenBefore));
      if (layerConf().biased()) {
        part(gradient(Part.BIAS), true).assign(hiddenBefore.sum(0));
        part(gradient(Part.BIAS), false).assign(gate.sum(0));
      }
      spread =
          hiddenBefore
              .mmul(reduce(value(Part.KERNEL)).transpose())
              .divi(prepared.positions())
              .dup('c');
    }
    prepared.gate().backwardData(epsilon, passed.gate(), spread, inputGradient);
    return result(inputGradient);
  }
}
