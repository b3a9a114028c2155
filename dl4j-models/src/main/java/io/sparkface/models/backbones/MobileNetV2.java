package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU6;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * MobileNet V2 (Sandler et al. 2018, arXiv:1801.04381; spec section 3.5): 112x112 pixels give
 * 4x4x1280.
 */
public final class MobileNetV2 implements Backbone {
  private static final Row[] ROWS = {
    new Row(1, 16, 1, 1),
    new Row(6, 24, 2, 2),
    new Row(6, 32, 3, 2),
    new Row(6, 64, 4, 2),
    new Row(6, 96, 3, 1),
    new Row(6, 160, 3, 2),
    new Row(6, 320, 1, 1)
  };

  private final NetworkSpec spec;

  public MobileNetV2(NetworkSpec spec) {
    this.spec = spec;
  }

  /** A row of the paper's table; the stride is the first block's. */
  private record Row(int expansion, int out, int repeats, int stride) {}

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input).batchNorm(0.999, 1e-3);
    stack.convolution("conv1", 32, 3, 2, Padding.SAME, RELU6);
    int block = 0;
    for (Row row : ROWS) {
      for (int i = 0; i < row.repeats(); i++) {
        bottleneck(stack, "block_" + block++, row, i == 0 ? row.stride() : 1);
      }
    }
    return stack.pointwise("conv_last", 1280, RELU6).end();
  }

  private static void bottleneck(Stack stack, String name, Row row, int stride) {
    FeatureMap start = stack.end();
    if (row.expansion() > 1) {
      stack.pointwise(name + "_expand", start.channels() * row.expansion(), RELU6);
    }
    stack
        .depthwise(name + "_dw", 3, stride, Padding.SAME, RELU6)
        .pointwise(name + "_project", row.out(), NONE);
    if (stride == 1 && start.channels() == row.out()) {
      stack.plus(name + "_add", start);
    }
  }
}
