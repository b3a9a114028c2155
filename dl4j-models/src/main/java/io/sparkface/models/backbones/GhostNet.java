package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Gate;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.FanOutNormal;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * GhostNet (Han et al. 2020, arXiv:1911.11907; spec section 3.4) of width 1.3: 112x112 pixels give
 * 4x4x664, or 7x7x664 with a stem of stride 1.
 */
public final class GhostNet implements Backbone {
  private static final double WIDTH = 1.3;
  private static final double SQUEEZE = 0.25;
  private static final Row[] ROWS = {
    new Row(3, 16, 16, 0, 1),
    new Row(3, 48, 24, 0, 2),
    new Row(3, 72, 24, 0, 1),
    new Row(5, 72, 40, SQUEEZE, 2),
    new Row(5, 120, 40, SQUEEZE, 1),
    new Row(3, 240, 80, 0, 2),
    new Row(3, 200, 80, 0, 1),
    new Row(3, 184, 80, 0, 1),
    new Row(3, 184, 80, 0, 1),
    new Row(3, 480, 112, SQUEEZE, 1),
    new Row(3, 672, 112, SQUEEZE, 1),
    new Row(5, 672, 160, SQUEEZE, 2),
    new Row(5, 960, 160, 0, 1),
    new Row(5, 960, 160, SQUEEZE, 1),
    new Row(5, 960, 160, 0, 1),
    new Row(5, 512, 160, SQUEEZE, 1)
  };

  private final NetworkSpec spec;

  public GhostNet(NetworkSpec spec) {
    this.spec = spec;
  }

  /** A row of the paper's table, at width 1. */
  private record Row(int kernel, int expanded, int out, double squeeze, int stride) {}

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input).initialisation(new FanOutNormal());
    int stride = spec.backboneOptions().stemStride() == 1 ? 1 : 2;
    stack.convolution("stem", widened(16), 3, stride, Padding.SAME, RELU);
    for (int block = 0; block < ROWS.length; block++) {
      bottleneck(stack, "block" + (block + 1), ROWS[block]);
    }
    return stack.pointwise("conv_last", widened(512), RELU).end();
  }

  private static void bottleneck(Stack stack, String name, Row row) {
    FeatureMap start = stack.end();
    int out = widened(row.out());
    FeatureMap shortcut = start;
    if (start.channels() != out || row.stride() > 1) {
      shortcut =
          stack
              .depthwise(name + "_short_dw", row.kernel(), row.stride(), Padding.SAME, NONE)
              .pointwise(name + "_short", out, NONE)
              .end();
    }
    module(stack.from(start), name + "_ghost1", widened(row.expanded()), RELU);
    if (row.stride() > 1) {
      stack.depthwise(name + "_dw", row.kernel(), row.stride(), Padding.SAME, NONE);
    }
    if (row.squeeze() > 0) {
      int hidden = Rounding.divisible(stack.end().channels() * row.squeeze(), 4);
      stack.squeezeExcite(name + "_se", hidden, layer -> layer.gate(Gate.STEEP_HARD_SIGMOID));
    }
    module(stack, name + "_ghost2", out, NONE);
    stack.plus(name + "_add", shortcut);
  }

  /** Half of the channels from a 1x1 convolution, the other half cheaply from those. */
  private static void module(Stack stack, String name, int out, Activation activation) {
    FeatureMap primary = stack.pointwise(name + "_primary", out / 2, activation).end();
    FeatureMap ghosts = stack.depthwise(name + "_cheap", 3, 1, Padding.SAME, activation).end();
    stack.concat(name, primary, ghosts);
  }

  private static int widened(int channels) {
    return Rounding.divisible(channels * WIDTH, 4);
  }
}
