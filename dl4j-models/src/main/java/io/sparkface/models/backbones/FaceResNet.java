package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.FanOutNormal;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * The residual network of ArcFace (Deng et al. 2019, arXiv:1801.07698, "IResNet"; spec section
 * 3.3): pre-activation blocks with a stem of stride 1 and stride 2 at the start of every stack, so
 * that 112x112 pixels give 7x7x512. Its own normalisation (momentum 0.9, epsilon 1e-5) holds where
 * the specification keeps the usual one.
 */
public final class FaceResNet implements Backbone {
  private static final int[] CHANNELS = {64, 128, 256, 512};

  private final NetworkSpec spec;
  private final int[] blocks;

  /**
   * @param blocks residual units in each of the four stacks
   */
  public FaceResNet(NetworkSpec spec, int... blocks) {
    this.spec = spec;
    this.blocks = blocks.clone();
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    boolean own = spec.usualBatchNorm();
    Stack stack =
        new Stack(
            graph,
            new FeatureMap(input, spec.height(), spec.width(), 3),
            own ? 0.9 : spec.batchNormMomentum(),
            own ? 1e-5 : spec.batchNormEpsilon(),
            new FanOutNormal());
    stack.convolution("stem", CHANNELS[0], 3, 1, Padding.SYMMETRIC, RELU);
    for (int i = 0; i < blocks.length; i++) {
      for (int block = 0; block < blocks[i]; block++) {
        unit(stack, "stack" + (i + 1) + "_block" + (block + 1), CHANNELS[i], block == 0);
      }
    }
    return stack.end();
  }

  private static void unit(Stack stack, String name, int channels, boolean first) {
    int stride = first ? 2 : 1;
    FeatureMap start = stack.end();
    FeatureMap shortcut =
        first
            ? stack.convolution(name + "_shortcut", channels, 1, stride, Padding.VALID, NONE).end()
            : start;
    stack
        .from(start)
        .normalisation(name + "_bn", NONE)
        .convolution(name + "_conv1", channels, 3, 1, Padding.SYMMETRIC, RELU)
        .convolution(name + "_conv2", channels, 3, stride, Padding.SYMMETRIC, NONE)
        .plus(name + "_add", shortcut);
  }
}
