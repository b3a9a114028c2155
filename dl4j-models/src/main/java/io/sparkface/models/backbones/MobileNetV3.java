package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.HARD_SWISH;
import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Gate;
import io.sparkface.models.kernels.Padding;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * MobileNet V3 (Howard et al. 2019, arXiv:1905.02244; spec section 3.5): 112x112 pixels give
 * 4x4x576 (small) or 4x4x960 (large).
 */
public final class MobileNetV3 implements Backbone {
  private static final List<Row> SMALL =
      List.of(
          new Row(3, 16, 16, 8, RELU, 2),
          new Row(3, 72, 24, 0, RELU, 2),
          new Row(3, 88, 24, 0, RELU, 1),
          new Row(5, 96, 40, 24, HARD_SWISH, 2),
          new Row(5, 240, 40, 64, HARD_SWISH, 1),
          new Row(5, 240, 40, 64, HARD_SWISH, 1),
          new Row(5, 120, 48, 32, HARD_SWISH, 1),
          new Row(5, 144, 48, 40, HARD_SWISH, 1),
          new Row(5, 288, 96, 72, HARD_SWISH, 2),
          new Row(5, 576, 96, 144, HARD_SWISH, 1),
          new Row(5, 576, 96, 144, HARD_SWISH, 1));
  private static final List<Row> LARGE =
      List.of(
          new Row(3, 16, 16, 0, RELU, 1),
          new Row(3, 64, 24, 0, RELU, 2),
          new Row(3, 72, 24, 0, RELU, 1),
          new Row(5, 72, 40, 24, RELU, 2),
          new Row(5, 120, 40, 32, RELU, 1),
          new Row(5, 120, 40, 32, RELU, 1),
          new Row(3, 240, 80, 0, HARD_SWISH, 2),
          new Row(3, 200, 80, 0, HARD_SWISH, 1),
          new Row(3, 184, 80, 0, HARD_SWISH, 1),
          new Row(3, 184, 80, 0, HARD_SWISH, 1),
          new Row(3, 480, 112, 120, HARD_SWISH, 1),
          new Row(3, 672, 112, 168, HARD_SWISH, 1),
          new Row(5, 672, 160, 168, HARD_SWISH, 2),
          new Row(5, 960, 160, 240, HARD_SWISH, 1),
          new Row(5, 960, 160, 240, HARD_SWISH, 1));

  private final NetworkSpec spec;
  private final List<Row> rows;
  private final int last;

  private MobileNetV3(NetworkSpec spec, List<Row> rows, int last) {
    this.spec = spec;
    this.rows = rows;
    this.last = last;
  }

  public static MobileNetV3 small(NetworkSpec spec) {
    return new MobileNetV3(spec, SMALL, 576);
  }

  public static MobileNetV3 large(NetworkSpec spec) {
    return new MobileNetV3(spec, LARGE, 960);
  }

  /** A row of the paper's table; {@code squeeze} is the width inside squeeze-and-excite, or 0. */
  private record Row(
      int kernel, int expanded, int out, int squeeze, Activation activation, int stride) {}

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input).batchNorm(0.999, 1e-3);
    stack.convolution("conv", 16, 3, 2, Padding.SAME, HARD_SWISH);
    for (int block = 0; block < rows.size(); block++) {
      bottleneck(stack, "block_" + block, rows.get(block), block > 0);
    }
    return stack.pointwise("conv_last", last, HARD_SWISH).end();
  }

  private static void bottleneck(Stack stack, String name, Row row, boolean expands) {
    FeatureMap start = stack.end();
    if (expands) {
      stack.pointwise(name + "_expand", row.expanded(), row.activation());
    }
    stack.depthwise(name + "_dw", row.kernel(), row.stride(), Padding.SAME, row.activation());
    if (row.squeeze() > 0) {
      stack.squeezeExcite(name + "_se", row.squeeze(), layer -> layer.gate(Gate.HARD_SIGMOID));
    }
    stack.pointwise(name + "_project", row.out(), NONE);
    if (row.stride() == 1 && start.channels() == row.out()) {
      stack.plus(name + "_add", start);
    }
  }
}
