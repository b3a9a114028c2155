package io.sparkface.models.layers;

import io.sparkface.models.kernels.ConvolutionShape;
import io.sparkface.models.kernels.FoldedConvolution;
import io.sparkface.models.kernels.Normalization;
import io.sparkface.models.kernels.NormalizationShape;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.kernels.Precision;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Computes {@link BatchNormAct}. Inference is a depthwise 1x1 convolution with a bias. */
final class BatchNormActLayer extends BlockComputation<BatchNormAct> implements Planned {
  private static final long serialVersionUID = 1L;

  private transient Training training;
  private transient Inference inference;

  BatchNormActLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  private record Training(NormalizationShape shape, Normalization normalization) {}

  private record Inference(ConvolutionShape shape, FoldedConvolution convolution) {}

  @Override
  public INDArray activate(boolean train, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    applyDropOutIfNecessary(train, workspaces);
    INDArray y = create(workspaces, ArrayType.ACTIVATIONS, input.shape());
    if (train) {
      forward(y);
    } else {
      infer(y);
    }
    return y;
  }

  private void forward(INDArray y) {
    var shape =
        new NormalizationShape(
            (int) input.size(0),
            (int) input.size(1),
            (int) input.size(2),
            (int) input.size(3),
            layerConf().epsilon(),
            layerConf().act());
    if (training == null || !training.shape().equals(shape)) {
      training = new Training(shape, kernels().normalization(shape));
    }
    training.normalization().forward(input, scaleShift(), value(Part.ALPHA), y);
  }

  private void infer(INDArray y) {
    ConvolutionShape shape = scaling(input.shape());
    boolean stale = parametersChanged();
    if (inference == null || !inference.shape().equals(shape)) {
      inference = new Inference(shape, convolution(shape));
      stale = true;
    }
    if (stale) {
      fold(inference.convolution());
    }
    inference.convolution().forward(input, y);
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    return inputs.get(0);
  }

  @Override
  public Action plan(List<long[]> inputs) {
    FoldedConvolution convolution = convolution(scaling(inputs.get(0)));
    fold(convolution);
    return (xs, y) -> convolution.forward(xs.get(0), y);
  }

  private static ConvolutionShape scaling(long[] x) {
    int channels = (int) x[3];
    return new ConvolutionShape(
        (int) x[0], (int) x[1], (int) x[2], channels, channels, 1, 1, 1, channels, Padding.VALID);
  }

  private FoldedConvolution convolution(ConvolutionShape shape) {
    return kernels().foldedConvolution(shape, layerConf().act(), Precision.FLOAT32);
  }

  private void fold(FoldedConvolution convolution) {
    Affine affine = runningAffine();
    INDArray ones = Nd4j.ones(dataType, layerConf().getNOut());
    convolution.prepare(ones, affine.scale(), affine.shift(), value(Part.ALPHA));
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray inputGradient = create(workspaces, ArrayType.ACTIVATION_GRAD, input.shape());
    training
        .normalization()
        .backward(
            input,
            scaleShift(),
            value(Part.ALPHA),
            epsilon,
            inputGradient,
            scaleShiftGradient(),
            gradient(Part.ALPHA));
    training.normalization().updateRunning(value(Part.STATISTICS), layerConf().momentum());
    return result(backpropDropOutIfPresent(inputGradient));
  }
}
