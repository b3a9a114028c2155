package io.sparkface.models.kernels;

import org.nd4j.linalg.api.ndarray.INDArray;

final class Nd4jFoldedConvolution implements FoldedConvolution {
  private final ConvolutionShape shape;
  private final Convolution convolution;
  private final Activation activation;
  private final Result result;
  private INDArray folded;
  private INDArray shift;
  private INDArray alpha;

  Nd4jFoldedConvolution(ConvolutionShape shape, Activation activation, Result result) {
    this.shape = shape;
    this.convolution = new Nd4jConvolution(shape);
    this.activation = activation;
    this.result = result;
  }

  @Override
  public void prepare(INDArray kernel, INDArray scale, INDArray shift, INDArray alpha) {
    long out = shape.out();
    this.folded =
        kernel
            .reshape(-1, out)
            .mulRowVector(scale.reshape(1, out))
            .reshape(shape.kernelShape())
            .detach();
    this.shift = shift.reshape(1, out).dup().detach();
    this.alpha = alpha == null ? null : alpha.reshape(-1, out).dup().detach();
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    INDArray rows = y.reshape(-1, shape.out());
    INDArray before = result == Result.IS_ADDED ? rows.dup() : null;
    convolution.forward(x, folded, y);
    rows.addiRowVector(shift);
    if (before != null) {
      rows.addi(before);
    }
    rows.assign(Nd4jActivations.forward(activation, rows, alpha));
  }
}
