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
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Element-wise activations ride on the convolution; those that learn run behind it in place. */
final class OneDnnFoldedConvolution implements FoldedConvolution {
  private final Slot x;
  private final Slot y;
  private final Slot plain;
  private final Slot scaled;
  private final Slot scale;
  private final Slot bias;
  private final Call fold;
  private final Call arrange;
  private final Call round;
  private final Call forward;
  private final ChannelActivation behind;
  private INDArray alpha;

  OneDnnFoldedConvolution(ConvolutionShape shape, Activation activation, Precision precision) {
    memory.data_type factors = Layout.factors(shape, precision);
    memory.desc input = Layout.input(shape, factors);
    memory.desc output = Layout.output(shape, memory.data_type.f32);
    x = Slot.open(Layout.input(shape, memory.data_type.f32));
    y = Slot.open(output);
    Slot rounded = factors == memory.data_type.f32 ? x : Slot.filled(input);
    round = rounded == x ? null : Call.reorder(x, rounded);
    primitive_attr attributes = Call.attributes();
    boolean learns = activation.parametersPerChannel() > 0;
    if (!learns && activation != Activation.NONE) {
      OneDnnActivation.Formula formula = OneDnnActivation.Formula.of(activation);
      post_ops operations = new post_ops();
      operations.append_eltwise(1f, formula.algorithm(), formula.alpha(), formula.beta());
      attributes.set_post_ops(operations);
    }
    behind =
        learns
            ? OneDnnKernels.activationOf(
                new NormalizationShape(
                    shape.batch(), shape.outHeight(), shape.outWidth(), shape.out(), 0, activation))
            : null;
    var description =
        new convolution_forward.primitive_desc(
            new convolution_forward.desc(
                prop_kind.forward_inference,
                algorithm.convolution_direct,
                input,
                Layout.anyKernel(shape, factors),
                Layout.row(shape.out()),
                output,
                new long[] {shape.stride(), shape.stride()},
                new long[] {shape.top(), shape.left()},
                new long[] {shape.bottom(), shape.right()}),
            attributes,
            OneDnnThread.ENGINE);
    long rows = (long) shape.kernelHeight() * shape.kernelWidth() * shape.in() / shape.groups();
    plain = Slot.open(Layout.rows(rows, shape.out()));
    scaled = Slot.filled(Layout.rows(rows, shape.out()));
    scale = Slot.open(Layout.rows(1, shape.out()));
    bias = Slot.filled(Layout.row(shape.out()));
    fold = Call.binary(algorithm.binary_mul, plain, scale, scaled);
    Slot arranged = Slot.filled(description.weights_desc());
    arrange = Call.reorder(Slot.open(Layout.plainKernel(shape)).holding(scaled.array()), arranged);
    forward =
        Call.of(
            OneDnnConvolution.kind(shape) + " folded",
            description,
            new convolution_forward(description),
            List.of(
                arg(DNNL_ARG_SRC, rounded),
                arg(DNNL_ARG_WEIGHTS, arranged),
                arg(DNNL_ARG_BIAS, bias),
                arg(DNNL_ARG_DST, y)));
  }

  @Override
  public void prepare(INDArray kernel, INDArray factor, INDArray shift, INDArray learnt) {
    plain.at(kernel);
    scale.at(factor);
    fold.run();
    arrange.run();
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
    if (round != null) {
      round.run();
    }
    forward.run();
    if (behind != null) {
      behind.forward(output, alpha, output);
    }
  }
}
