package io.sparkface.models.kernels;

import static io.sparkface.models.kernels.Call.arg;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.List;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Element-wise activations ride on the convolution; those that learn run behind it in place (riding
 * they would choose oneDNN 2.5's reference code). 3x3 convolutions over maps that are not small go
 * by Winograd's way (Lavin and Gray 2016, arXiv:1509.09308), which multiplies a quarter as often
 * and has a layout of its own, so that the maps are copied before and behind it.
 */
final class OneDnnFoldedConvolution implements FoldedConvolution {
  /** Under this height Winograd's transformations cost more than they save. */
  private static final int WINOGRAD_HEIGHT = 14;

  private static final long WINOGRAD_SCRATCH = 64L << 20;

  private final Slot x;
  private final Slot y;
  private final Slot plain;
  private final Slot scaled;
  private final Slot scale;
  private final Slot bias;
  private final Slot arrangedX;
  private final Slot arrangedY;
  private final Call fold;
  private final Call arrangeKernel;
  private final Call arrangeX;
  private final Call forward;
  private final Call arrangeY;
  private final ChannelActivation behind;
  private INDArray alpha;

  /** With {@link Result#IS_ADDED} the activation is that of the sum and learns nothing. */
  OneDnnFoldedConvolution(
      ConvolutionShape shape, Activation activation, Precision precision, Result result) {
    x = Slot.open(Layout.input(shape, memory.data_type.f32));
    y = Slot.open(Layout.output(shape, memory.data_type.f32));
    behind = behind(shape, activation);
    memory.data_type factors = Layout.factors(shape, precision);
    var winograd = winograd(shape, factors, activation, result);
    var description = winograd == null ? direct(shape, factors, activation, result) : winograd;
    arrangedX = description.src_desc().equals(x.layout()) ? x : Slot.open(description.src_desc());
    arrangedY = description.dst_desc().equals(y.layout()) ? y : Slot.open(description.dst_desc());
    arrangeX = arrangedX == x ? null : Call.reorder(x, arrangedX);
    arrangeY =
        arrangedY == y ? null : Call.reorder(arrangedY, y, attributes(Activation.NONE, result));
    long rows = (long) shape.kernelHeight() * shape.kernelWidth() * shape.in() / shape.groups();
    plain = Slot.open(Layout.rows(rows, shape.out()));
    scaled = Slot.filled(Layout.rows(rows, shape.out()));
    scale = Slot.open(Layout.rows(1, shape.out()));
    bias = Slot.filled(Layout.row(shape.out()));
    fold = Call.binary(algorithm.binary_mul, plain, scale, scaled);
    Slot arranged = Slot.filled(description.weights_desc());
    arrangeKernel =
        Call.reorder(Slot.open(Layout.plainKernel(shape)).holding(scaled.array()), arranged);
    forward =
        Call.of(
            OneDnnConvolution.kind(shape) + " folded",
            description,
            new convolution_forward(description),
            List.of(
                arg(DNNL_ARG_SRC, arrangedX),
                arg(DNNL_ARG_WEIGHTS, arranged),
                arg(DNNL_ARG_BIAS, bias),
                arg(DNNL_ARG_DST, arrangedY)));
  }

  private static ChannelActivation behind(ConvolutionShape shape, Activation activation) {
    return activation.parametersPerChannel() == 0
        ? null
        : OneDnnKernels.activationOf(
            new NormalizationShape(
                shape.batch(), shape.outHeight(), shape.outWidth(), shape.out(), 0, activation));
  }

  private static convolution_forward.primitive_desc direct(
      ConvolutionShape shape, memory.data_type factors, Activation activation, Result result) {
    return description(
        algorithm.convolution_direct,
        shape,
        Layout.input(shape, factors),
        Layout.anyKernel(shape, factors),
        Layout.output(shape, memory.data_type.f32),
        attributes(activation, result));
  }

  /** Nothing where it does not pay or oneDNN cannot. */
  private static convolution_forward.primitive_desc winograd(
      ConvolutionShape s, memory.data_type factors, Activation activation, Result result) {
    boolean fits = s.kernelHeight() == 3 && s.kernelWidth() == 3 && s.stride() == 1;
    boolean pays = s.groups() == 1 && s.in() >= 64 && s.outHeight() >= WINOGRAD_HEIGHT;
    // the copy back can add, but not activate
    boolean copies = result == Result.REPLACES || activation == Activation.NONE;
    if (!fits || !pays || !copies || factors != memory.data_type.f32) {
      return null;
    }
    try {
      var description =
          description(
              algorithm.convolution_winograd,
              s,
              Layout.image(format_tag.any, s.batch(), s.height(), s.width(), s.in()),
              Layout.anyKernel(s, factors),
              Layout.image(format_tag.any, s.batch(), s.outHeight(), s.outWidth(), s.out()),
              attributes(activation, Result.REPLACES));
      return description.scratchpad_desc().get_size() > WINOGRAD_SCRATCH ? null : description;
    } catch (RuntimeException unsupported) {
      // how JavaCPP says that oneDNN has no such primitive for this processor or shape
      return null;
    }
  }

  private static convolution_forward.primitive_desc description(
      algorithm way,
      ConvolutionShape shape,
      memory.desc input,
      memory.desc kernel,
      memory.desc output,
      primitive_attr attributes) {
    return new convolution_forward.primitive_desc(
        new convolution_forward.desc(
            prop_kind.forward_inference,
            way,
            input,
            kernel,
            Layout.row(shape.out()),
            output,
            new long[] {shape.stride(), shape.stride()},
            new long[] {shape.top(), shape.left()},
            new long[] {shape.bottom(), shape.right()}),
        attributes,
        OneDnnThread.ENGINE);
  }

  private static primitive_attr attributes(Activation activation, Result result) {
    post_ops operations = new post_ops();
    if (result == Result.IS_ADDED) {
      operations.append_sum();
    }
    if (activation != Activation.NONE && activation.parametersPerChannel() == 0) {
      OneDnnActivation.Formula formula = OneDnnActivation.Formula.of(activation);
      operations.append_eltwise(1f, formula.algorithm(), formula.alpha(), formula.beta());
    }
    primitive_attr attributes = Call.attributes();
    attributes.set_post_ops(operations);
    return attributes;
  }

  @Override
  public void prepare(INDArray kernel, INDArray factor, INDArray shift, INDArray learnt) {
    plain.at(kernel);
    scale.at(factor);
    fold.run();
    arrangeKernel.run();
    DenseFloats.floats(bias.array()).put(DenseFloats.floats(shift));
    alpha = null;
    if (learnt != null) {
      alpha = OneDnnKernels.aligned(learnt.length());
      DenseFloats.floats(alpha).put(DenseFloats.floats(learnt));
    }
  }

  @Override
  public void forward(INDArray input, INDArray output) {
    x.at(input);
    y.at(output);
    if (arrangeX != null) {
      arrangedX.at(OneDnnThread.current().input(arrangedX.layout().get_size()));
      arrangeX.run();
    }
    if (arrangeY != null) {
      arrangedY.at(OneDnnThread.current().output(arrangedY.layout().get_size()));
    }
    forward.run();
    if (arrangeY != null) {
      arrangeY.run();
    }
    if (behind != null) {
      behind.forward(output, alpha, output);
    }
  }
}
