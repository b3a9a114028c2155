package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * DenseNet (Huang et al. 2017, arXiv:1608.06993; spec section 3.5): every layer sees all maps
 * before it; growth 32, compression 0.5.
 */
public final class DenseNet implements Backbone {
  private static final int GROWTH = 32;

  private final NetworkSpec spec;
  private final int[] blocks;

  /**
   * @param blocks layers in each of the four dense blocks
   */
  public DenseNet(NetworkSpec spec, int... blocks) {
    this.spec = spec;
    this.blocks = blocks.clone();
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input).batchNorm(0.99, 1.001e-5);
    stack
        .convolution("conv1", 64, 7, 2, Padding.SYMMETRIC, RELU)
        .maxPool("pool1", 3, 2, Padding.SYMMETRIC);
    for (int i = 0; i < blocks.length; i++) {
      for (int block = 1; block <= blocks[i]; block++) {
        dense(stack, "conv" + (i + 2) + "_block" + block);
      }
      if (i < blocks.length - 1) {
        transition(stack, "pool" + (i + 2));
      }
    }
    return stack.normalisation("bn", RELU).end();
  }

  private static void dense(Stack stack, String name) {
    FeatureMap start = stack.end();
    FeatureMap grown =
        stack
            .normalisation(name + "_0", RELU)
            .pointwise(name + "_1", 4 * GROWTH, RELU)
            .convolution(name + "_2", GROWTH, 3, 1, Padding.SAME, layer -> layer.withoutBatchNorm())
            .end();
    stack.concat(name, start, grown);
  }

  private static void transition(Stack stack, String name) {
    int half = stack.end().channels() / 2;
    stack
        .normalisation(name + "_bn", RELU)
        .convolution(name + "_conv", half, 1, 1, Padding.VALID, layer -> layer.withoutBatchNorm())
        .meanPool(name, 2, 2, Padding.VALID);
  }
}
