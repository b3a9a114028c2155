package io.sparkface.models.kernels;

import static io.sparkface.models.kernels.Call.arg;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Keeps where each largest value was for the way back. */
final class OneDnnPooling implements Pooling {
  private final Slot x;
  private final Slot y;
  private final Slot gradient;
  private final Slot xGradient;
  private final Call forward;
  private final Call backward;

  OneDnnPooling(PoolingShape s) {
    this(
        s.kind() == PoolingShape.Kind.MAX
            ? algorithm.pooling_max
            : algorithm.pooling_avg_exclude_padding,
        Layout.image(s.batch(), s.height(), s.width(), s.channels()),
        Layout.image(s.batch(), s.outHeight(), s.outWidth(), s.channels()),
        new long[] {s.kernel(), s.kernel()},
        new long[] {s.stride(), s.stride()},
        new long[] {
          s.padding().before(s.height(), s.kernel(), s.stride()),
          s.padding().before(s.width(), s.kernel(), s.stride())
        },
        new long[] {
          s.padding().after(s.height(), s.kernel(), s.stride()),
          s.padding().after(s.width(), s.kernel(), s.stride())
        });
  }

  private OneDnnPooling(
      algorithm kind,
      memory.desc input,
      memory.desc output,
      long[] kernel,
      long[] strides,
      long[] before,
      long[] after) {
    x = Slot.open(input);
    y = Slot.open(output);
    gradient = Slot.open(output);
    xGradient = Slot.open(input);
    var forwardDescription =
        new pooling_forward.primitive_desc(
            new pooling_forward.desc(
                prop_kind.forward_training, kind, input, output, strides, kernel, before, after),
            Call.attributes(),
            OneDnnThread.ENGINE);
    var backwardDescription =
        new pooling_backward.primitive_desc(
            new pooling_backward.desc(kind, input, output, strides, kernel, before, after),
            Call.attributes(),
            OneDnnThread.ENGINE,
            forwardDescription);
    List<Call.Argument> going = new ArrayList<>();
    List<Call.Argument> coming = new ArrayList<>();
    going.add(arg(DNNL_ARG_SRC, x));
    going.add(arg(DNNL_ARG_DST, y));
    coming.add(arg(DNNL_ARG_DIFF_DST, gradient));
    coming.add(arg(DNNL_ARG_DIFF_SRC, xGradient));
    if (kind == algorithm.pooling_max) {
      Slot places = Slot.filled(forwardDescription.workspace_desc());
      going.add(arg(DNNL_ARG_WORKSPACE, places));
      coming.add(arg(DNNL_ARG_WORKSPACE, places));
    }
    forward =
        Call.of(
            "pooling forward", forwardDescription, new pooling_forward(forwardDescription), going);
    backward =
        Call.of(
            "pooling backward",
            backwardDescription,
            new pooling_backward(backwardDescription),
            coming);
  }

  /** The mean over whole images. */
  static OneDnnPooling overAll(int batch, int height, int width, int channels) {
    return new OneDnnPooling(
        algorithm.pooling_avg_exclude_padding,
        Layout.image(batch, height, width, channels),
        Layout.image(batch, 1, 1, channels),
        new long[] {height, width},
        new long[] {1, 1},
        new long[] {0, 0},
        new long[] {0, 0});
  }

  @Override
  public void forward(INDArray input, INDArray output) {
    x.at(input);
    y.at(output);
    forward.run();
  }

  @Override
  public void backward(INDArray input, INDArray outputGradient, INDArray result) {
    gradient.at(outputGradient);
    xGradient.at(result);
    backward.run();
  }
}
