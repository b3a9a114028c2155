package io.sparkface.models.layers;

import io.sparkface.models.kernels.Convolution;
import io.sparkface.models.kernels.ConvolutionShape;
import io.sparkface.models.kernels.FoldedConvolution;
import io.sparkface.models.kernels.Normalization;
import io.sparkface.models.kernels.NormalizationShape;
import io.sparkface.models.layers.ParameterBlock.Part;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Computes {@link ConvBnAct}; prepared for one training and one inference shape at a time. */
final class ConvBnActLayer extends BlockComputation<ConvBnAct> {
  private static final long serialVersionUID = 1L;

  private transient Training training;
  private transient Inference inference;

  ConvBnActLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  /** {@code convolved} holds the values before the normalisation until the backward pass. */
  private record Training(
      ConvolutionShape shape,
      Convolution convolution,
      Normalization normalization,
      INDArray convolved) {}

  private record Inference(ConvolutionShape shape, FoldedConvolution convolution) {}

  @Override
  public INDArray activate(boolean train, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    applyDropOutIfNecessary(train, workspaces);
    ConvBnAct conf = layerConf();
    ConvolutionShape shape = conf.shape(input.size(0), input.size(1), input.size(2));
    INDArray y = create(workspaces, ArrayType.ACTIVATIONS, shape.outputShape());
    if (train) {
      forward(shape, y);
    } else {
      infer(shape, y);
    }
    return conf.flat() ? y.reshape('c', y.size(0), y.size(3)) : y;
  }

  private void forward(ConvolutionShape shape, INDArray y) {
    if (training == null || !training.shape().equals(shape)) {
      training = prepare(shape);
    }
    if (training.normalization() == null) {
      training.convolution().forward(input, value(Part.KERNEL), y);
      return;
    }
    training.convolution().forward(input, value(Part.KERNEL), training.convolved());
    training
        .normalization()
        .forward(training.convolved(), value(Part.SCALE_SHIFT), value(Part.ALPHA), y);
  }

  private Training prepare(ConvolutionShape shape) {
    ConvBnAct conf = layerConf();
    Convolution convolution = kernels().convolution(shape);
    if (!conf.normalised()) {
      return new Training(shape, convolution, null, null);
    }
    var normalised =
        new NormalizationShape(
            shape.batch(),
            shape.outHeight(),
            shape.outWidth(),
            shape.out(),
            conf.epsilon(),
            conf.act());
    return new Training(
        shape,
        convolution,
        kernels().normalization(normalised),
        kernels().buffer(dataType, shape.outputShape()));
  }

  private void infer(ConvolutionShape shape, INDArray y) {
    boolean stale = parametersChanged();
    if (inference == null || !inference.shape().equals(shape)) {
      inference = new Inference(shape, kernels().foldedConvolution(shape, layerConf().act()));
      stale = true;
    }
    if (stale) {
      Affine affine = layerConf().normalised() ? runningAffine() : identity();
      inference
          .convolution()
          .prepare(value(Part.KERNEL), affine.scale(), affine.shift(), value(Part.ALPHA));
    }
    inference.convolution().forward(input, y);
  }

  private Affine identity() {
    long channels = layerConf().getNOut();
    return new Affine(Nd4j.ones(dataType, channels), Nd4j.zeros(dataType, channels));
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray kernel = value(Part.KERNEL);
    INDArray convolvedGradient = epsilon;
    if (training.normalization() != null) {
      convolvedGradient =
          create(workspaces, ArrayType.BP_WORKING_MEM, training.shape().outputShape());
      training
          .normalization()
          .backward(
              training.convolved(),
              value(Part.SCALE_SHIFT),
              value(Part.ALPHA),
              epsilon,
              convolvedGradient,
              gradient(Part.SCALE_SHIFT),
              gradient(Part.ALPHA));
      training.normalization().updateRunning(value(Part.STATISTICS), layerConf().momentum());
    }
    training.convolution().backwardKernel(input, convolvedGradient, gradient(Part.KERNEL));
    if (!layerConf().inputGradient()) {
      return result(null);
    }
    INDArray inputGradient =
        create(workspaces, ArrayType.ACTIVATION_GRAD, training.shape().inputShape());
    training.convolution().backwardData(convolvedGradient, kernel, inputGradient);
    return result(backpropDropOutIfPresent(inputGradient));
  }
}
