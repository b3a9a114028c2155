package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.ConvBnAct;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * ResNet V1 (He et al. 2016, arXiv:1512.03385; spec section 3.5) as Keras has it: convolutions with
 * biases, the stride in the first 1x1; 112x112 pixels give 4x4x2048.
 */
public final class ResNet implements Backbone {
  private static final int[] CHANNELS = {64, 128, 256, 512};

  private final NetworkSpec spec;
  private final int[] blocks;

  /**
   * @param blocks bottlenecks in each of the four stacks
   */
  public ResNet(NetworkSpec spec, int... blocks) {
    this.spec = spec;
    this.blocks = blocks.clone();
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input).batchNorm(0.99, 1.001e-5);
    return stages(stack, blocks).end();
  }

  /** Stem and as many stacks as there are numbers of blocks. */
  static Stack stages(Stack stack, int... blocks) {
    stack
        .convolution("conv1", 64, 7, 2, Padding.SYMMETRIC, layer -> layer.bias().act(RELU))
        .maxPool("pool1", 3, 2, Padding.SYMMETRIC);
    for (int i = 0; i < blocks.length; i++) {
      for (int block = 0; block < blocks[i]; block++) {
        String name = "conv" + (i + 2) + "_block" + (block + 1);
        bottleneck(stack, name, CHANNELS[i], i > 0 && block == 0 ? 2 : 1, block == 0);
      }
    }
    return stack;
  }

  private static void bottleneck(
      Stack stack, String name, int channels, int stride, boolean projects) {
    FeatureMap start = stack.end();
    FeatureMap shortcut = start;
    if (projects) {
      shortcut =
          stack
              .convolution(
                  name + "_0", 4 * channels, 1, stride, Padding.VALID, ConvBnAct.Builder::bias)
              .end();
    }
    stack
        .from(start)
        .convolution(
            name + "_1", channels, 1, stride, Padding.VALID, layer -> layer.bias().act(RELU))
        .convolution(name + "_2", channels, 3, 1, Padding.SAME, layer -> layer.bias().act(RELU))
        .convolution(name + "_3", 4 * channels, 1, 1, Padding.VALID, ConvBnAct.Builder::bias)
        .plus(name + "_add", shortcut)
        .activation(name + "_out", RELU);
  }
}
