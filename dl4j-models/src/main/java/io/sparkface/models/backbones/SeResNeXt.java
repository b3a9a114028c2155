package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.LEAKY_RELU;
import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.SqueezeExcite;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.weights.WeightInitRelu;

/**
 * ResNeXt (Xie et al. 2017, arXiv:1611.05431) with squeeze-and-excite (spec section 3.5):
 * bottlenecks of 32 groups, LeakyReLU; 112x112 pixels give 4x4x2048.
 */
public final class SeResNeXt implements Backbone {
  private static final int CARDINALITY = 32;
  private static final int FIRST_WIDTH = 128;
  private static final int SQUEEZE = 16;

  private final NetworkSpec spec;
  private final int[] blocks;

  /**
   * @param blocks bottlenecks in each of the four stacks
   */
  public SeResNeXt(NetworkSpec spec, int... blocks) {
    this.spec = spec;
    this.blocks = blocks.clone();
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input).initialisation(new WeightInitRelu());
    stack
        .convolution("conv1", 64, 7, 2, Padding.SAME, LEAKY_RELU)
        .maxPool("pool1", 3, 2, Padding.SAME);
    for (int i = 0; i < blocks.length; i++) {
      for (int block = 0; block < blocks[i]; block++) {
        String name = "conv" + (i + 2) + "_block" + (block + 1);
        bottleneck(stack, name, FIRST_WIDTH << i, i > 0 && block == 0 ? 2 : 1);
      }
    }
    return stack.end();
  }

  private static void bottleneck(Stack stack, String name, int width, int stride) {
    FeatureMap start = stack.end();
    int out = 2 * width;
    FeatureMap shortcut =
        start.channels() == out
            ? start
            : stack.convolution(name + "_0", out, 1, stride, Padding.SAME, NONE).end();
    stack
        .from(start)
        .pointwise(name + "_1", width, LEAKY_RELU)
        .convolution(
            name + "_2",
            width,
            3,
            stride,
            Padding.SAME,
            layer -> layer.groups(CARDINALITY).act(LEAKY_RELU))
        .pointwise(name + "_3", out, NONE)
        .squeezeExcite(name + "_se", out / SQUEEZE, SeResNeXt::squeezed)
        .plus(name + "_add", shortcut)
        .activation(name + "_out", LEAKY_RELU);
  }

  private static SqueezeExcite.Builder squeezed(SqueezeExcite.Builder layer) {
    return layer.act(RELU).withoutBias();
  }
}
