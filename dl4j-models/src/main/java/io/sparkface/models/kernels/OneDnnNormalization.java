package io.sparkface.models.kernels;

import static io.sparkface.models.kernels.Call.arg;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * ReLU is part of oneDNN's normalisation and keeps a bit mask; of activations whose slope shows in
 * their output that is looked at again; the others keep the normalised values.
 */
final class OneDnnNormalization implements Normalization {
  private final NormalizationShape shape;
  private final Slot x;
  private final Slot normal;
  private final Slot scaleShift;
  private final Slot gradient;
  private final Slot xGradient;
  private final Slot scaleShiftGradient;
  private final INDArray statistics;
  private final Call forward;
  private final Call backward;
  private final ChannelActivation activation;
  private final boolean inPlace;
  private INDArray activated;

  OneDnnNormalization(NormalizationShape shape) {
    this.shape = shape;
    int channels = shape.channels();
    memory.desc layout =
        Layout.image(shape.batch(), shape.height(), shape.width(), shape.channels());
    boolean relu = shape.activation() == Activation.RELU;
    boolean separate = !relu && shape.activation() != Activation.NONE;
    activation = separate ? OneDnnKernels.activationOf(shape) : null;
    x = Slot.open(layout);
    inPlace = separate && shape.activation().slopeShowsInOutput();
    normal = separate && !inPlace ? Slot.filled(layout) : Slot.open(layout);
    scaleShift = Slot.open(Layout.rows(2, channels));
    gradient = Slot.open(layout);
    xGradient = Slot.open(layout);
    scaleShiftGradient = Slot.open(Layout.rows(2, channels));
    statistics = OneDnnKernels.aligned(2L * channels);
    Slot mean =
        Slot.open(Layout.row(channels)).holding(statistics.get(NDArrayIndex.interval(0, channels)));
    Slot variance =
        Slot.open(Layout.row(channels))
            .holding(statistics.get(NDArrayIndex.interval(channels, 2L * channels)));

    int flags =
        normalization_flags.use_scale_shift.value
            | (relu ? normalization_flags.fuse_norm_relu.value : 0);
    float epsilon = (float) shape.epsilon();
    var forwardDescription =
        new batch_normalization_forward.primitive_desc(
            new batch_normalization_forward.desc(
                prop_kind.forward_training.value, layout, epsilon, flags),
            Call.attributes(),
            OneDnnThread.ENGINE);
    var backwardDescription =
        new batch_normalization_backward.primitive_desc(
            new batch_normalization_backward.desc(
                prop_kind.backward.value, layout, layout, epsilon, flags),
            Call.attributes(),
            OneDnnThread.ENGINE,
            forwardDescription);
    List<Call.Argument> shared = new ArrayList<>();
    shared.add(arg(DNNL_ARG_SRC, x));
    shared.add(arg(DNNL_ARG_SCALE_SHIFT, scaleShift));
    shared.add(arg(DNNL_ARG_MEAN, mean));
    shared.add(arg(DNNL_ARG_VARIANCE, variance));
    if (relu) {
      shared.add(arg(DNNL_ARG_WORKSPACE, Slot.filled(forwardDescription.workspace_desc())));
    }
    List<Call.Argument> going = new ArrayList<>(shared);
    going.add(arg(DNNL_ARG_DST, normal));
    forward =
        Call.of(
            "normalization forward",
            forwardDescription,
            new batch_normalization_forward(forwardDescription),
            going);
    List<Call.Argument> coming = new ArrayList<>(shared);
    coming.add(arg(DNNL_ARG_DIFF_DST, gradient));
    coming.add(arg(DNNL_ARG_DIFF_SRC, xGradient));
    coming.add(arg(DNNL_ARG_DIFF_SCALE_SHIFT, scaleShiftGradient));
    backward =
        Call.of(
            "normalization backward",
            backwardDescription,
            new batch_normalization_backward(backwardDescription),
            coming);
  }

  @Override
  public void forward(INDArray input, INDArray scaleAndShift, INDArray alpha, INDArray output) {
    x.at(input);
    scaleShift.at(scaleAndShift);
    if (activation == null) {
      normal.at(output);
      forward.run();
    } else if (inPlace) {
      normal.at(output);
      forward.run();
      activation.forward(output, alpha, output);
      activated = output;
    } else {
      forward.run();
      activation.forward(normal.array(), alpha, output);
    }
  }

  @Override
  public void backward(
      INDArray input,
      INDArray scaleAndShift,
      INDArray alpha,
      INDArray outputGradient,
      INDArray result,
      INDArray scaleAndShiftGradient,
      INDArray alphaGradient) {
    INDArray given = outputGradient;
    if (activation != null) {
      activation.backward(
          inPlace ? activated : normal.array(), alpha, outputGradient, result, alphaGradient);
      given = result;
    }
    x.at(input);
    scaleShift.at(scaleAndShift);
    gradient.at(given);
    xGradient.at(result);
    scaleShiftGradient.at(scaleAndShiftGradient);
    backward.run();
  }

  @Override
  public void updateRunning(INDArray running, double momentum) {
    // a few hundred numbers: plain Java is quicker than a call through any library
    FloatBuffer batch = DenseFloats.floats(statistics);
    FloatBuffer target = DenseFloats.floats(running);
    int channels = shape.channels();
    double unbiased = shape.rows() > 1 ? shape.rows() / (shape.rows() - 1.0) : 1;
    for (int i = 0; i < 2 * channels; i++) {
      double now = i < channels ? batch.get(i) : batch.get(i) * unbiased;
      target.put(i, (float) (momentum * target.get(i) + (1 - momentum) * now));
    }
  }
}
