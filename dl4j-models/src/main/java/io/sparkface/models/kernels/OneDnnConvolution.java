package io.sparkface.models.kernels;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.sparkface.models.kernels.OneDnnPass.Roles;
import io.sparkface.models.kernels.OneDnnPass.Side;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * oneDNN's convolution primitives, whose kernels are copied into the layout it chose, or, where
 * they were measured to be faster, matrix products: a 1x1 convolution with stride 1 is one, and
 * needs no such copies.
 */
final class OneDnnConvolution implements Convolution {
  /** From so many output channels on, backward passes are quicker as products. */
  private static final int WIDE = 128;

  private final OneDnnPass forward;
  private final OneDnnPass backwardData;
  private final OneDnnPass backwardKernel;

  OneDnnConvolution(ConvolutionShape shape, Precision precision) {
    boolean product = shape.pointwise() && precision == Precision.FLOAT32;
    boolean wide = product && shape.out() >= WIDE;
    // with fewer positions than channels copying the kernel costs more than it gains
    boolean small = product && shape.positions() < shape.out();
    String kind = kind(shape);
    var primitives = new Primitives(shape, Layout.factors(shape, precision), kind);
    memory.desc x = Layout.rows(shape.positions(), shape.in());
    memory.desc y = Layout.rows(shape.positions(), shape.out());
    memory.desc kernel = Layout.rows(shape.in(), shape.out());
    forward = small ? OneDnnProduct.pass(kind + " forward", x, kernel, y) : primitives.forward();
    backwardData =
        wide
            ? OneDnnProduct.pass(
                kind + " backward data", y, Layout.transposed(shape.in(), shape.out()), x)
            : primitives.backwardData();
    backwardKernel =
        wide
            ? OneDnnProduct.pass(
                kind + " backward kernel",
                Layout.transposed(shape.positions(), shape.in()),
                y,
                kernel)
            : primitives.backwardKernel();
  }

  /** Makes the passes that are convolution primitives. */
  private static final class Primitives {
    private final String kind;
    private final memory.desc plainX;
    private final memory.desc plainY;
    private final memory.desc plainKernel;
    private final memory.desc x;
    private final memory.desc gradient;
    private final memory.desc anyKernel;
    private final memory.desc anyKernelGradient;
    private final long[] strides;
    private final long[] before;
    private final long[] after;
    private final convolution_forward.primitive_desc hint;

    Primitives(ConvolutionShape shape, memory.data_type factors, String kind) {
      this.kind = kind;
      plainX = Layout.input(shape, memory.data_type.f32);
      plainY = Layout.output(shape, memory.data_type.f32);
      plainKernel = Layout.plainKernel(shape);
      x = Layout.input(shape, factors);
      gradient = Layout.output(shape, factors);
      anyKernel = Layout.anyKernel(shape, factors);
      anyKernelGradient = Layout.anyKernel(shape, memory.data_type.f32);
      strides = new long[] {shape.stride(), shape.stride()};
      before = new long[] {shape.top(), shape.left()};
      after = new long[] {shape.bottom(), shape.right()};
      hint =
          new convolution_forward.primitive_desc(
              new convolution_forward.desc(
                  prop_kind.forward_training,
                  algorithm.convolution_direct,
                  x,
                  anyKernel,
                  plainY,
                  strides,
                  before,
                  after),
              Call.attributes(),
              OneDnnThread.ENGINE);
    }

    OneDnnPass forward() {
      return new OneDnnPass(
          kind + " forward",
          hint,
          new convolution_forward(hint),
          new Roles(DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST),
          Side.argument(plainX, x),
          Side.argument(plainKernel, hint.weights_desc()),
          Side.result(plainY, plainY));
    }

    OneDnnPass backwardData() {
      var description =
          new convolution_backward_data.primitive_desc(
              new convolution_backward_data.desc(
                  algorithm.convolution_direct,
                  plainX,
                  anyKernel,
                  gradient,
                  strides,
                  before,
                  after),
              Call.attributes(),
              OneDnnThread.ENGINE,
              hint);
      return new OneDnnPass(
          kind + " backward data",
          description,
          new convolution_backward_data(description),
          new Roles(DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC),
          Side.argument(plainY, gradient),
          Side.argument(plainKernel, description.weights_desc()),
          Side.result(plainX, plainX));
    }

    OneDnnPass backwardKernel() {
      var description =
          new convolution_backward_weights.primitive_desc(
              new convolution_backward_weights.desc(
                  algorithm.convolution_direct,
                  x,
                  anyKernelGradient,
                  gradient,
                  strides,
                  before,
                  after),
              Call.attributes(),
              OneDnnThread.ENGINE,
              hint);
      return new OneDnnPass(
          kind + " backward kernel",
          description,
          new convolution_backward_weights(description),
          new Roles(DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS),
          Side.argument(plainX, x),
          Side.argument(plainY, gradient),
          Side.result(plainKernel, description.diff_weights_desc()));
    }
  }

  @Override
  public void forward(INDArray input, INDArray kernel, INDArray output) {
    forward.run(input, kernel, output);
  }

  @Override
  public void backwardData(INDArray outputGradient, INDArray kernel, INDArray result) {
    backwardData.run(outputGradient, kernel, result);
  }

  @Override
  public void backwardKernel(INDArray input, INDArray outputGradient, INDArray result) {
    backwardKernel.run(input, outputGradient, result);
  }

  static String kind(ConvolutionShape shape) {
    String groups = shape.depthwise() ? "depthwise " : shape.groups() > 1 ? "grouped " : "";
    return groups + shape.kernelHeight() + "x" + shape.kernelWidth();
  }
}
