package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * VGG (Simonyan and Zisserman 2015, arXiv:1409.1556; spec section 3.5): 3x3 convolutions with
 * biases and no normalisation; 112x112 pixels give 3x3x512.
 */
public final class Vgg implements Backbone {
  private static final int[] CHANNELS = {64, 128, 256, 512, 512};

  private final NetworkSpec spec;
  private final int[] convolutions;

  /**
   * @param convolutions in front of each of the five poolings
   */
  public Vgg(NetworkSpec spec, int... convolutions) {
    this.spec = spec;
    this.convolutions = convolutions.clone();
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input);
    for (int i = 0; i < convolutions.length; i++) {
      String block = "block" + (i + 1);
      for (int j = 1; j <= convolutions[i]; j++) {
        stack.convolution(
            block + "_conv" + j,
            CHANNELS[i],
            3,
            1,
            Padding.SAME,
            layer -> layer.bias().withoutBatchNorm().act(RELU));
      }
      stack.maxPool(block + "_pool", 2, 2, Padding.VALID);
    }
    return stack.end();
  }
}
