package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * ResNet V2 (He et al. 2016, arXiv:1603.05027; spec section 3.5) as Keras has it: normalisation in
 * front, the stride in the last block of a stack; 112x112 pixels give 4x4x2048.
 */
public final class ResNetV2 implements Backbone {
  private static final int[] CHANNELS = {64, 128, 256, 512};

  private final NetworkSpec spec;
  private final int[] blocks;

  /**
   * @param blocks bottlenecks in each of the four stacks
   */
  public ResNetV2(NetworkSpec spec, int... blocks) {
    this.spec = spec;
    this.blocks = blocks.clone();
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input).batchNorm(0.99, 1.001e-5);
    // values may be negative here, so the zeros around them take part in the pooling
    stack
        .convolution("conv1", 64, 7, 2, Padding.SYMMETRIC, layer -> layer.bias().withoutBatchNorm())
        .zeroPad("pool1_pad", 1, 1)
        .maxPool("pool1", 3, 2, Padding.VALID);
    for (int i = 0; i < blocks.length; i++) {
      for (int block = 0; block < blocks[i]; block++) {
        boolean halves = i < blocks.length - 1 && block == blocks[i] - 1;
        String name = "conv" + (i + 2) + "_block" + (block + 1);
        bottleneck(stack, name, CHANNELS[i], halves ? 2 : 1, block == 0);
      }
    }
    return stack.normalisation("post", RELU).end();
  }

  private static void bottleneck(
      Stack stack, String name, int channels, int stride, boolean projects) {
    FeatureMap start = stack.end();
    FeatureMap before = stack.normalisation(name + "_preact", RELU).end();
    FeatureMap shortcut = start;
    if (projects) {
      shortcut = biased(stack, name + "_0", 4 * channels).end();
    } else if (stride > 1) {
      shortcut = stack.from(start).maxPool(name + "_0", 1, stride, Padding.VALID).end();
    }
    stack
        .from(before)
        .pointwise(name + "_1", channels, RELU)
        .convolution(name + "_2", channels, 3, stride, Padding.SYMMETRIC, RELU);
    biased(stack, name + "_3", 4 * channels).plus(name + "_out", shortcut);
  }

  private static Stack biased(Stack stack, String name, int out) {
    return stack.convolution(
        name, out, 1, 1, Padding.VALID, layer -> layer.bias().withoutBatchNorm());
  }
}
