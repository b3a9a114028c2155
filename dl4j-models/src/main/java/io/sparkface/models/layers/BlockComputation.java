package io.sparkface.models.layers;

import io.sparkface.models.kernels.Kernels;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.EnumMap;
import java.util.Map;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** What the implementations of all block layers share: views of the block, made once. */
abstract class BlockComputation<C extends BlockLayer> extends BaseLayer<C> {
  private static final long serialVersionUID = 1L;

  private final transient Map<Part, INDArray> values = new EnumMap<>(Part.class);
  private final transient Map<Part, INDArray> gradients = new EnumMap<>(Part.class);
  private transient INDArray valuesOf;
  private transient INDArray gradientsOf;
  private transient INDArray lastSeen;
  private transient Unscaled withoutScale;

  BlockComputation(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  Kernels kernels() {
    return Kernels.forType(dataType);
  }

  INDArray value(Part part) {
    INDArray block = params.get(ParameterBlock.KEY);
    if (valuesOf != block) {
      split(block, values);
      valuesOf = block;
    }
    return values.get(part);
  }

  /** The values a part has now, or null where the block has no such part. */
  INDArray copy(Part part) {
    INDArray now = value(part);
    if (now == null) {
      return null;
    }
    INDArray copy = kernels().buffer(dataType, now.shape());
    copy.assign(now);
    return copy;
  }

  INDArray gradient(Part part) {
    INDArray block = gradientViews == null ? null : gradientViews.get(ParameterBlock.KEY);
    if (gradientsOf != block) {
      split(block, gradients);
      gradientsOf = block;
    }
    return gradients.get(part);
  }

  private void split(INDArray block, Map<Part, INDArray> into) {
    into.clear();
    ParameterBlock layout = layerConf().block();
    for (Part part : layout.parts()) {
      into.put(part, layout.view(block, part));
    }
  }

  /** Gamma and beta, {@code [2, channels]}; gamma is 1 where the normalisation has none. */
  INDArray scaleShift() {
    INDArray pair = value(Part.SCALE_SHIFT);
    if (pair != null) {
      return pair;
    }
    if (withoutScale == null) {
      long channels = layerConf().getNOut();
      withoutScale =
          new Unscaled(
              kernels().buffer(dataType, 2, channels), kernels().buffer(dataType, 2, channels));
      withoutScale.values().getRow(0).assign(1);
    }
    withoutScale.values().getRow(1).assign(value(Part.SHIFT));
    return withoutScale.values();
  }

  /** Where a normalisation writes the gradient of {@link #scaleShift()}. */
  INDArray scaleShiftGradient() {
    INDArray pair = gradient(Part.SCALE_SHIFT);
    return pair == null ? withoutScale.gradients() : pair;
  }

  private record Unscaled(INDArray values, INDArray gradients) {}

  /** Whether the parameters differ from those at the last call that said so. */
  boolean parametersChanged() {
    INDArray block = params.get(ParameterBlock.KEY);
    if (lastSeen == null) {
      lastSeen = kernels().buffer(dataType, block.length());
    } else if (kernels().same(block, lastSeen)) {
      return false;
    }
    lastSeen.assign(block);
    return true;
  }

  /** gamma / sqrt(running variance + epsilon), and beta - running mean * that. */
  Affine runningAffine() {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray pair = scaleShift();
      INDArray running = value(Part.STATISTICS);
      INDArray deviation = Transforms.sqrt(running.getRow(1).add(layerConf().epsilon()), false);
      INDArray scale = pair.getRow(0).div(deviation);
      return new Affine(scale, pair.getRow(1).sub(running.getRow(0).mul(scale)));
    }
  }

  /** y = x * scale + shift per channel. */
  record Affine(INDArray scale, INDArray shift) {}

  Pair<Gradient, INDArray> result(INDArray inputGradient) {
    INDArray statistics = gradient(Part.STATISTICS);
    if (statistics != null) {
      kernels().clear(statistics);
    }
    INDArray shift = gradient(Part.SHIFT);
    if (shift != null) {
      shift.assign(scaleShiftGradient().getRow(1));
    }
    Gradient gradient = new DefaultGradient();
    if (layerConf().block().length() > 0) {
      gradient.gradientForVariable().put(ParameterBlock.KEY, gradientViews.get(ParameterBlock.KEY));
    }
    return new Pair<>(gradient, inputGradient);
  }

  INDArray create(LayerWorkspaceMgr workspaces, ArrayType where, long... shape) {
    return workspaces.createUninitialized(where, dataType, shape, 'c');
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArray(
      INDArray maskArray, MaskState currentMaskState, int minibatchSize) {
    return new Pair<>(maskArray, currentMaskState);
  }
}
