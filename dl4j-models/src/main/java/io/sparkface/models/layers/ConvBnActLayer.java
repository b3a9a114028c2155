package io.sparkface.models.layers;

import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.ChannelActivation;
import io.sparkface.models.kernels.Convolution;
import io.sparkface.models.kernels.ConvolutionShape;
import io.sparkface.models.kernels.FoldedConvolution;
import io.sparkface.models.kernels.Matrices;
import io.sparkface.models.kernels.Normalization;
import io.sparkface.models.kernels.NormalizationShape;
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

/** Computes {@link ConvBnAct}; prepared for one training and one inference shape at a time. */
final class ConvBnActLayer extends BlockComputation<ConvBnAct> implements Planned {
  private static final long serialVersionUID = 1L;

  private transient Training training;
  private transient Inference inference;
  private transient Matrices matrices;

  ConvBnActLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  /**
   * {@code convolved} holds the values before normalisation and activation until the backward pass;
   * of {@code normalization} and {@code activation} at most one is there.
   */
  private record Training(
      ConvolutionShape shape,
      Convolution convolution,
      Normalization normalization,
      ChannelActivation activation,
      INDArray convolved) {
    boolean alone() {
      return normalization == null && activation == null;
    }
  }

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
    INDArray convolved = training.alone() ? y : training.convolved();
    training.convolution().forward(input, value(Part.KERNEL), convolved);
    if (training.normalization() != null) {
      // a bias would be taken off again with the mean
      training.normalization().forward(convolved, scaleShift(), value(Part.ALPHA), y);
      return;
    }
    if (layerConf().biased()) {
      INDArray rows = rows(convolved);
      matrices().plus(rows, value(Part.BIAS).reshape(1, shape.out()), rows);
    }
    if (training.activation() != null) {
      training.activation().forward(convolved, value(Part.ALPHA), y);
    }
  }

  private static INDArray rows(INDArray image) {
    return image.reshape(-1, image.size(image.rank() - 1));
  }

  private Matrices matrices() {
    if (matrices == null) {
      matrices = kernels().matrices();
    }
    return matrices;
  }

  private Training prepare(ConvolutionShape shape) {
    ConvBnAct conf = layerConf();
    Convolution convolution = kernels().convolution(shape, layerConf().precision());
    if (!conf.normalised() && conf.act() == Activation.NONE) {
      return new Training(shape, convolution, null, null, null);
    }
    var behind =
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
        conf.normalised() ? kernels().normalization(behind) : null,
        conf.normalised() ? null : kernels().activation(behind),
        kernels().buffer(dataType, shape.outputShape()));
  }

  private void infer(ConvolutionShape shape, INDArray y) {
    boolean stale = parametersChanged();
    if (inference == null || !inference.shape().equals(shape)) {
      inference =
          new Inference(
              shape,
              kernels().foldedConvolution(shape, layerConf().act(), layerConf().precision()));
      stale = true;
    }
    if (stale) {
      fold(inference.convolution());
    }
    inference.convolution().forward(input, y);
  }

  private void fold(FoldedConvolution convolution) {
    Affine affine = affine();
    convolution.prepare(value(Part.KERNEL), affine.scale(), affine.shift(), value(Part.ALPHA));
  }

  @Override
  public long[] outputShape(List<long[]> inputs) {
    return shape(inputs.get(0)).outputShape();
  }

  @Override
  public Action plan(List<long[]> inputs) {
    FoldedConvolution convolution =
        kernels()
            .foldedConvolution(shape(inputs.get(0)), layerConf().act(), layerConf().precision());
    fold(convolution);
    return (xs, y) -> convolution.forward(xs.get(0), y);
  }

  /** Whether {@link #planAdding} is the same as this layer and a sum behind it. */
  boolean canAdd() {
    return layerConf().act() == Activation.NONE;
  }

  /**
   * Inference that adds what this layer gives to the output.
   *
   * @param behind activation of the sum
   */
  Action planAdding(long[] x, Activation behind) {
    FoldedConvolution convolution =
        kernels().addingConvolution(shape(x), behind, layerConf().precision());
    fold(convolution);
    return (xs, y) -> convolution.forward(xs.get(0), y);
  }

  private ConvolutionShape shape(long[] x) {
    return layerConf().shape(x[0], x[1], x[2]);
  }

  /** What is done to the convolved values before the activation. */
  private Affine affine() {
    long channels = layerConf().getNOut();
    Affine affine =
        layerConf().normalised()
            ? runningAffine()
            : new Affine(Nd4j.ones(dataType, channels), Nd4j.zeros(dataType, channels));
    if (!layerConf().biased()) {
      return affine;
    }
    return new Affine(affine.scale(), affine.shift().add(affine.scale().mul(value(Part.BIAS))));
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    INDArray kernel = value(Part.KERNEL);
    INDArray convolvedGradient = epsilon;
    if (!training.alone()) {
      convolvedGradient =
          create(workspaces, ArrayType.BP_WORKING_MEM, training.shape().outputShape());
    }
    if (training.normalization() != null) {
      training
          .normalization()
          .backward(
              training.convolved(),
              scaleShift(),
              value(Part.ALPHA),
              epsilon,
              convolvedGradient,
              scaleShiftGradient(),
              gradient(Part.ALPHA));
      updateRunning();
    } else if (training.activation() != null) {
      training
          .activation()
          .backward(
              training.convolved(),
              value(Part.ALPHA),
              epsilon,
              convolvedGradient,
              gradient(Part.ALPHA));
    }
    if (layerConf().biased()) {
      INDArray bias = gradient(Part.BIAS);
      if (training.normalization() != null) {
        bias.assign(0);
      } else {
        matrices().sumRows(rows(convolvedGradient), bias.reshape(1, bias.length()));
      }
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

  private void updateRunning() {
    double momentum = layerConf().momentum();
    training.normalization().updateRunning(value(Part.STATISTICS), momentum);
    if (layerConf().biased()) {
      value(Part.STATISTICS).getRow(0).addi(value(Part.BIAS).mul(1 - momentum));
    }
  }
}
