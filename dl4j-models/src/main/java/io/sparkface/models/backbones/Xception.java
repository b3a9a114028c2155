package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * Xception (Chollet 2017, arXiv:1610.02357; spec section 3.5): separable convolutions with residual
 * connections; 112x112 pixels give 4x4x2048.
 */
public final class Xception implements Backbone {
  private final NetworkSpec spec;

  public Xception(NetworkSpec spec) {
    this.spec = spec;
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input);
    stack
        .convolution("block1_conv1", 32, 3, 2, Padding.VALID, RELU)
        .convolution("block1_conv2", 64, 3, 1, Padding.VALID, RELU);
    // block 1 has ended with an activation already
    halving(stack, "block2", false, 128, 128);
    halving(stack, "block3", true, 256, 256);
    halving(stack, "block4", true, 728, 728);
    for (int block = 5; block <= 12; block++) {
      middle(stack, "block" + block);
    }
    halving(stack, "block13", true, 728, 1024);
    return stack
        .separable("block14_sepconv1", 1536, 3, 1, Padding.SAME, RELU)
        .separable("block14_sepconv2", 2048, 3, 1, Padding.SAME, RELU)
        .end();
  }

  private static void halving(Stack stack, String name, boolean activates, int first, int second) {
    FeatureMap start = stack.end();
    FeatureMap shortcut =
        stack.convolution(name + "_shortcut", second, 1, 2, Padding.SAME, NONE).end();
    stack.from(start);
    if (activates) {
      stack.activation(name + "_act", RELU);
    }
    stack
        .separable(name + "_sepconv1", first, 3, 1, Padding.SAME, RELU)
        .separable(name + "_sepconv2", second, 3, 1, Padding.SAME, NONE)
        .maxPool(name + "_pool", 3, 2, Padding.SAME)
        .plus(name + "_add", shortcut);
  }

  private static void middle(Stack stack, String name) {
    FeatureMap start = stack.end();
    stack
        .activation(name + "_act", RELU)
        .separable(name + "_sepconv1", 728, 3, 1, Padding.SAME, RELU)
        .separable(name + "_sepconv2", 728, 3, 1, Padding.SAME, RELU)
        .separable(name + "_sepconv3", 728, 3, 1, Padding.SAME, NONE)
        .plus(name + "_add", start);
  }
}
