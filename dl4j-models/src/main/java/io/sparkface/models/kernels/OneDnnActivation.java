package io.sparkface.models.kernels;

import static io.sparkface.models.kernels.Call.arg;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.List;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.prelu_backward;
import org.bytedeco.dnnl.prelu_forward;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An activation as primitives of its own; forward may run in place for inference, and for training
 * where {@link Activation#slopeShowsInOutput} says so.
 */
final class OneDnnActivation implements ChannelActivation {
  private final Slot x;
  private final Slot y;
  private final Slot alpha;
  private final Slot gradient;
  private final Slot xGradient;
  private final Slot alphaGradient;
  private final Call forward;
  private final Call backward;

  OneDnnActivation(NormalizationShape shape) {
    memory.desc layout =
        Layout.image(shape.batch(), shape.height(), shape.width(), shape.channels());
    memory.desc perChannel = Layout.image(1, 1, 1, shape.channels());
    x = Slot.open(layout);
    y = Slot.open(layout);
    gradient = Slot.open(layout);
    xGradient = Slot.open(layout);
    alpha = Slot.open(perChannel);
    alphaGradient = Slot.open(perChannel);
    if (shape.activation() == Activation.PRELU) {
      var forwardDescription =
          new prelu_forward.primitive_desc(
              new prelu_forward.desc(prop_kind.forward_training, layout, perChannel),
              Call.attributes(),
              OneDnnThread.ENGINE);
      forward =
          Call.of(
              "prelu forward",
              forwardDescription,
              new prelu_forward(forwardDescription),
              List.of(arg(DNNL_ARG_SRC, x), arg(DNNL_ARG_WEIGHTS, alpha), arg(DNNL_ARG_DST, y)));
      var backwardDescription =
          new prelu_backward.primitive_desc(
              new prelu_backward.desc(layout, perChannel, layout, perChannel),
              Call.attributes(),
              OneDnnThread.ENGINE,
              forwardDescription);
      backward =
          Call.of(
              "prelu backward",
              backwardDescription,
              new prelu_backward(backwardDescription),
              List.of(
                  arg(DNNL_ARG_SRC, x),
                  arg(DNNL_ARG_WEIGHTS, alpha),
                  arg(DNNL_ARG_DIFF_DST, gradient),
                  arg(DNNL_ARG_DIFF_SRC, xGradient),
                  arg(DNNL_ARG_DIFF_WEIGHTS, alphaGradient)));
    } else {
      Formula formula = Formula.of(shape.activation());
      var forwardDescription =
          new eltwise_forward.primitive_desc(
              new eltwise_forward.desc(
                  prop_kind.forward_training,
                  formula.algorithm(),
                  layout,
                  formula.alpha(),
                  formula.beta()),
              Call.attributes(),
              OneDnnThread.ENGINE);
      forward =
          Call.of(
              "activation forward",
              forwardDescription,
              new eltwise_forward(forwardDescription),
              List.of(arg(DNNL_ARG_SRC, x), arg(DNNL_ARG_DST, y)));
      var backwardDescription =
          new eltwise_backward.primitive_desc(
              new eltwise_backward.desc(
                  formula.algorithm(), layout, layout, formula.alpha(), formula.beta()),
              Call.attributes(),
              OneDnnThread.ENGINE,
              forwardDescription);
      backward =
          Call.of(
              "activation backward",
              backwardDescription,
              new eltwise_backward(backwardDescription),
              List.of(
                  arg(DNNL_ARG_SRC, x),
                  arg(DNNL_ARG_DIFF_DST, gradient),
                  arg(DNNL_ARG_DIFF_SRC, xGradient)));
    }
  }

  @Override
  public void forward(INDArray input, INDArray learnt, INDArray output) {
    x.at(input);
    y.at(output);
    if (learnt != null) {
      alpha.at(learnt);
    }
    forward.run();
  }

  @Override
  public void backward(
      INDArray input,
      INDArray learnt,
      INDArray outputGradient,
      INDArray result,
      INDArray learntGradient) {
    x.at(input);
    gradient.at(outputGradient);
    xGradient.at(result);
    if (learnt != null) {
      alpha.at(learnt);
      alphaGradient.at(learntGradient);
    }
    backward.run();
  }

  /** An activation without learnt values in oneDNN's terms. */
  record Formula(algorithm algorithm, float alpha, float beta) {
    static Formula of(Activation activation) {
      return switch (activation) {
        case RELU -> new Formula(org.bytedeco.dnnl.global.dnnl.algorithm.eltwise_relu, 0, 0);
        case RELU6 ->
            // of version 2 the slope at 6 itself is 0, as it must be if it is taken at the output
            new Formula(org.bytedeco.dnnl.global.dnnl.algorithm.eltwise_clip_v2, 0, 6);
        case SWISH -> new Formula(org.bytedeco.dnnl.global.dnnl.algorithm.eltwise_swish, 1, 0);
        case HARD_SWISH ->
            new Formula(org.bytedeco.dnnl.global.dnnl.algorithm.eltwise_hardswish, 0, 0);
        case LEAKY_RELU ->
            new Formula(
                org.bytedeco.dnnl.global.dnnl.algorithm.eltwise_relu, (float) Activation.LEAK, 0);
        case NONE, PRELU, ACON_C ->
            throw new IllegalArgumentException(activation + " is not an element-wise formula");
      };
    }
  }
}
