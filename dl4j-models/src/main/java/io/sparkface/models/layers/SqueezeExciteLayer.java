package io.sparkface.models.layers;

import io.sparkface.models.kernels.ChannelActivation;
import io.sparkface.models.kernels.ChannelGate;
import io.sparkface.models.kernels.Gate;
import io.sparkface.models.kernels.GlobalAverage;
import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.kernels.Matrices;
import io.sparkface.models.kernels.Matrices.Transposed;
import io.sparkface.models.kernels.NormalizationShape;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.Arrays;
import java.util.List;
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

/** Computes {@link SqueezeExcite}. */
final class SqueezeExciteLayer extends BlockComputation<SqueezeExcite> implements Planned {
  private static final long serialVersionUID = 1L;

  private transient Excitation excitation;

  SqueezeExciteLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public INDArray activate(boolean train, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    if (excitation == null || !Arrays.equals(excitation.shape, input.shape())) {
      excitation = new Excitation(layerConf(), dataType, input.shape());
    }
    INDArray y = create(workspaces, ArrayType.ACTIVATIONS, input.shape());
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      excitation.forward(input, weights(), y);
    }
    return y;
  }

  private Weights weights() {
    return new Weights(layerConf(), value(Part.KERNEL), value(Part.BIAS), value(Part.ALPHA));
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    return inputs.get(0);
  }

  @Override
  public Action plan(List<long[]> inputs) {
    Excitation planned = new Excitation(layerConf(), dataType, inputs.get(0));
    Weights now = new Weights(layerConf(), copy(Part.KERNEL), copy(Part.BIAS), copy(Part.ALPHA));
    return (xs, y) -> planned.forward(xs.get(0), now, y);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient = create(workspaces, ArrayType.ACTIVATION_GRAD, input.shape());
    Weights gradients =
        new Weights(layerConf(), gradient(Part.KERNEL), gradient(Part.BIAS), gradient(Part.ALPHA));
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      excitation.backward(input, weights(), epsilon, inputGradient, gradients);
    }
    return result(inputGradient);
  }

  /** Views of A, B and of a, b, which are null where there are none, as one row each. */
  private record Weights(
      INDArray reduce, INDArray expand, INDArray reduceBias, INDArray expandBias, INDArray alpha) {
    Weights(SqueezeExcite conf, INDArray kernel, INDArray bias, INDArray alpha) {
      this(
          kernel.getRow(0).reshape('c', conf.getNIn(), conf.hidden()),
          kernel.getRow(1).reshape('c', conf.hidden(), conf.getNIn()),
          part(bias, 0, conf.hidden()),
          part(bias, conf.hidden(), conf.hidden() + conf.getNIn()),
          alpha);
    }

    private static INDArray part(INDArray bias, long from, long to) {
      return bias == null
          ? null
          : bias.reshape(bias.length()).get(NDArrayIndex.interval(from, to)).reshape(1, to - from);
    }
  }

  /** The operations for inputs of a shape, and what the way back needs: {@code [batch, …]} each. */
  private static final class Excitation {
    private final long[] shape;
    private final Gate kind;
    private final GlobalAverage average;
    private final ChannelActivation activation;
    private final ChannelGate gating;
    private final Matrices matrices;
    private final INDArray mean;
    private final INDArray hiddenBefore;
    private final INDArray hidden;
    private final INDArray gate;
    private final INDArray hiddenGradient;
    private final INDArray hiddenBeforeGradient;
    private final INDArray gateGradient;
    private final INDArray spread;

    Excitation(SqueezeExcite conf, DataType type, long[] shape) {
      this.shape = shape.clone();
      kind = conf.gate();
      Kernels kernels = Kernels.forType(type);
      int batch = (int) shape[0];
      int height = (int) shape[1];
      int width = (int) shape[2];
      int channels = (int) shape[3];
      average = kernels.globalAverage(batch, height, width, channels);
      activation =
          kernels.activation(
              new NormalizationShape(batch, 1, 1, (int) conf.hidden(), conf.epsilon(), conf.act()));
      gating = kernels.gate(batch, height, width, channels);
      matrices = kernels.matrices();
      mean = kernels.buffer(type, batch, channels);
      hiddenBefore = kernels.buffer(type, batch, conf.hidden());
      hidden = kernels.buffer(type, batch, conf.hidden());
      gate = kernels.buffer(type, batch, channels);
      hiddenGradient = kernels.buffer(type, batch, conf.hidden());
      hiddenBeforeGradient = kernels.buffer(type, batch, conf.hidden());
      gateGradient = kernels.buffer(type, batch, channels);
      spread = kernels.buffer(type, batch, channels);
    }

    void forward(INDArray x, Weights weights, INDArray y) {
      average.forward(x, mean);
      matrices.product(mean, weights.reduce(), hiddenBefore, Transposed.NEITHER);
      if (weights.reduceBias() != null) {
        matrices.plus(hiddenBefore, weights.reduceBias(), hiddenBefore);
      }
      activation.forward(hiddenBefore, weights.alpha(), hidden);
      matrices.product(hidden, weights.expand(), gate, Transposed.NEITHER);
      if (weights.expandBias() != null) {
        matrices.plus(gate, weights.expandBias(), gate);
      }
      switch (kind) {
        case SIGMOID -> Transforms.sigmoid(gate, false);
        case HARD_SIGMOID, STEEP_HARD_SIGMOID ->
            Transforms.min(Transforms.max(gate.muli(slope()).addi(0.5), 0, false), 1, false);
      }
      gating.forward(x, gate, y);
    }

    void backward(
        INDArray x, Weights weights, INDArray gradient, INDArray xGradient, Weights gradients) {
      gating.backwardGate(x, gradient, xGradient, gateGradient);
      gateGradient.muli(gateSlope());
      matrices.product(hidden, gateGradient, gradients.expand(), Transposed.LEFT);
      matrices.product(gateGradient, weights.expand(), hiddenGradient, Transposed.RIGHT);
      activation.backward(
          hiddenBefore, weights.alpha(), hiddenGradient, hiddenBeforeGradient, gradients.alpha());
      matrices.product(mean, hiddenBeforeGradient, gradients.reduce(), Transposed.LEFT);
      if (gradients.reduceBias() != null) {
        matrices.sumRows(hiddenBeforeGradient, gradients.reduceBias());
        matrices.sumRows(gateGradient, gradients.expandBias());
      }
      matrices.product(hiddenBeforeGradient, weights.reduce(), spread, Transposed.RIGHT);
      spread.divi(shape[1] * shape[2]);
      gating.backwardData(gradient, gate, spread, xGradient);
    }

    /** The gate's slope, which shows in its value: where that is 0 or 1 a hard one is flat. */
    private INDArray gateSlope() {
      if (kind == Gate.SIGMOID) {
        return gate.rsub(1).muli(gate);
      }
      DataType type = gate.dataType();
      return gate.gt(0).castTo(type).muli(gate.lt(1).castTo(type)).muli(slope());
    }

    private double slope() {
      return kind == Gate.HARD_SIGMOID ? 1.0 / 6 : 0.2;
    }
  }
}
