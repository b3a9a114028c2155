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

import java.util.List;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.layer_normalization_backward;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;

final class OneDnnRowNormalization implements RowNormalization {
  private final Slot x;
  private final Slot y;
  private final Slot scaleShift;
  private final Slot gradient;
  private final Slot xGradient;
  private final Slot scaleShiftGradient;
  private final Call forward;
  private final Call backward;

  OneDnnRowNormalization(long rows, long channels, double epsilon) {
    memory.desc layout = Layout.rows(rows, channels);
    x = Slot.open(layout);
    y = Slot.open(layout);
    scaleShift = Slot.open(Layout.rows(2, channels));
    gradient = Slot.open(layout);
    xGradient = Slot.open(layout);
    scaleShiftGradient = Slot.open(Layout.rows(2, channels));
    Slot mean = Slot.filled(Layout.row(rows));
    Slot variance = Slot.filled(Layout.row(rows));
    int flags = normalization_flags.use_scale_shift.value;
    var going =
        new layer_normalization_forward.primitive_desc(
            new layer_normalization_forward.desc(
                prop_kind.forward_training.value, layout, (float) epsilon, flags),
            Call.attributes(),
            OneDnnThread.ENGINE);
    var coming =
        new layer_normalization_backward.primitive_desc(
            new layer_normalization_backward.desc(
                prop_kind.backward.value, layout, layout, (float) epsilon, flags),
            Call.attributes(),
            OneDnnThread.ENGINE,
            going);
    forward =
        Call.of(
            "layer normalization forward",
            going,
            new layer_normalization_forward(going),
            List.of(
                arg(DNNL_ARG_SRC, x),
                arg(DNNL_ARG_SCALE_SHIFT, scaleShift),
                arg(DNNL_ARG_MEAN, mean),
                arg(DNNL_ARG_VARIANCE, variance),
                arg(DNNL_ARG_DST, y)));
    backward =
        Call.of(
            "layer normalization backward",
            coming,
            new layer_normalization_backward(coming),
            List.of(
                arg(DNNL_ARG_SRC, x),
                arg(DNNL_ARG_SCALE_SHIFT, scaleShift),
                arg(DNNL_ARG_MEAN, mean),
                arg(DNNL_ARG_VARIANCE, variance),
                arg(DNNL_ARG_DIFF_DST, gradient),
                arg(DNNL_ARG_DIFF_SRC, xGradient),
                arg(DNNL_ARG_DIFF_SCALE_SHIFT, scaleShiftGradient)));
  }

  @Override
  public void forward(INDArray input, INDArray scaleAndShift, INDArray output) {
    x.at(input);
    scaleShift.at(scaleAndShift);
    y.at(output);
    forward.run();
  }

  @Override
  public void backward(
      INDArray input,
      INDArray scaleAndShift,
      INDArray outputGradient,
      INDArray inputGradient,
      INDArray scaleAndShiftGradient) {
    x.at(input);
    scaleShift.at(scaleAndShift);
    gradient.at(outputGradient);
    xGradient.at(inputGradient);
    scaleShiftGradient.at(scaleAndShiftGradient);
    backward.run();
  }
}
