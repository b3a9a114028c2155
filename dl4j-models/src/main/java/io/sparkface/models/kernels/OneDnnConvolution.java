package io.sparkface.models.kernels;

import static io.sparkface.models.kernels.Call.arg;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.List;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kernels are copied into the layout oneDNN chose before use: about 1% of a step. */
final class OneDnnConvolution implements Convolution {
  private final Slot x;
  private final Slot y;
  private final Slot kernel;
  private final Slot gradient;
  private final Slot xGradient;
  private final Slot kernelGradient;
  private final Call arrangeForward;
  private final Call forward;
  private final Call arrangeBackward;
  private final Call backwardData;
  private final Call backwardKernel;
  private final Call restoreGradient;

  OneDnnConvolution(ConvolutionShape shape) {
    memory.desc input = Layout.input(shape);
    memory.desc output = Layout.output(shape);
    memory.desc any = Layout.anyKernel(shape);
    long[] strides = {shape.stride(), shape.stride()};
    long[] before = {shape.top(), shape.left()};
    long[] after = {shape.bottom(), shape.right()};
    x = Slot.open(input);
    y = Slot.open(output);
    kernel = Slot.open(Layout.plainKernel(shape));
    gradient = Slot.open(output);
    xGradient = Slot.open(input);
    kernelGradient = Slot.open(Layout.plainKernel(shape));

    var forwardDescription =
        new convolution_forward.primitive_desc(
            new convolution_forward.desc(
                prop_kind.forward_training,
                algorithm.convolution_direct,
                input,
                any,
                output,
                strides,
                before,
                after),
            Call.attributes(),
            OneDnnThread.ENGINE);
    Slot arranged = Slot.filled(forwardDescription.weights_desc());
    arrangeForward = Call.reorder(kernel, arranged);
    String kind = kind(shape);
    forward =
        Call.of(
            kind + " forward",
            forwardDescription,
            new convolution_forward(forwardDescription),
            List.of(arg(DNNL_ARG_SRC, x), arg(DNNL_ARG_WEIGHTS, arranged), arg(DNNL_ARG_DST, y)));

    var dataDescription =
        new convolution_backward_data.primitive_desc(
            new convolution_backward_data.desc(
                algorithm.convolution_direct, input, any, output, strides, before, after),
            Call.attributes(),
            OneDnnThread.ENGINE,
            forwardDescription);
    Slot arrangedBack = Slot.filled(dataDescription.weights_desc());
    arrangeBackward = Call.reorder(kernel, arrangedBack);
    backwardData =
        Call.of(
            kind + " backward data",
            dataDescription,
            new convolution_backward_data(dataDescription),
            List.of(
                arg(DNNL_ARG_DIFF_DST, gradient),
                arg(DNNL_ARG_WEIGHTS, arrangedBack),
                arg(DNNL_ARG_DIFF_SRC, xGradient)));

    var kernelDescription =
        new convolution_backward_weights.primitive_desc(
            new convolution_backward_weights.desc(
                algorithm.convolution_direct, input, any, output, strides, before, after),
            Call.attributes(),
            OneDnnThread.ENGINE,
            forwardDescription);
    Slot arrangedGradient = Slot.filled(kernelDescription.diff_weights_desc());
    backwardKernel =
        Call.of(
            kind + " backward kernel",
            kernelDescription,
            new convolution_backward_weights(kernelDescription),
            List.of(
                arg(DNNL_ARG_DIFF_DST, gradient),
                arg(DNNL_ARG_SRC, x),
                arg(DNNL_ARG_DIFF_WEIGHTS, arrangedGradient)));
    restoreGradient = Call.reorder(arrangedGradient, kernelGradient);
  }

  @Override
  public void forward(INDArray input, INDArray parameters, INDArray output) {
    kernel.at(parameters);
    arrangeForward.run();
    x.at(input);
    y.at(output);
    forward.run();
  }

  @Override
  public void backwardData(INDArray outputGradient, INDArray parameters, INDArray result) {
    kernel.at(parameters);
    arrangeBackward.run();
    gradient.at(outputGradient);
    xGradient.at(result);
    backwardData.run();
  }

  @Override
  public void backwardKernel(INDArray input, INDArray outputGradient, INDArray result) {
    x.at(input);
    gradient.at(outputGradient);
    backwardKernel.run();
    kernelGradient.at(result);
    restoreGradient.run();
  }

  static String kind(ConvolutionShape shape) {
    String groups = shape.depthwise() ? "depthwise " : shape.groups() > 1 ? "grouped " : "";
    return groups + shape.kernelHeight() + "x" + shape.kernelWidth();
  }
}
