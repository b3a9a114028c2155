package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;

import io.sparkface.models.BackboneOptions.Shortcut;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.FanOutNormal;
import io.sparkface.models.layers.SqueezeExcite;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * The residual network of ArcFace (Deng et al. 2019, arXiv:1801.07698, "IResNet"; spec section
 * 3.3): pre-activation blocks with a stem of stride 1 and stride 2 at the start of every stack, so
 * that 112x112 pixels give 7x7x512. Its own normalisation (momentum 0.9, epsilon 1e-5) holds where
 * the specification keeps the usual one.
 */
public final class FaceResNet implements Backbone {
  private static final int[] CHANNELS = {64, 128, 256, 512};
  private static final int SQUEEZE = 16;

  private final NetworkSpec spec;
  private final Activation activation;
  private final Attention attention;
  private final int[] blocks;

  /** What stands at the end of each residual branch. */
  public enum Attention {
    NONE,
    SQUEEZE_EXCITE
  }

  private FaceResNet(NetworkSpec spec, Activation activation, Attention attention, int... blocks) {
    this.spec = spec;
    this.activation = activation;
    this.attention = attention;
    this.blocks = blocks.clone();
  }

  /**
   * Keras_insightface's {@code r…} and {@code se_r…}, the activation as the specification says.
   *
   * @param blocks residual units in each of the four stacks
   */
  public static FaceResNet insightface(NetworkSpec spec, Attention attention, int... blocks) {
    return new FaceResNet(spec, spec.backboneOptions().activation(), attention, blocks);
  }

  /** arcface_torch's {@code iresnet…}: always PReLU. */
  public static FaceResNet arcfaceTorch(NetworkSpec spec, int... blocks) {
    return new FaceResNet(spec, Activation.PRELU, Attention.NONE, blocks);
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack =
        new Stack(graph, spec, input).batchNorm(0.9, 1e-5).initialisation(new FanOutNormal());
    stack.convolution("stem", CHANNELS[0], 3, 1, Padding.SYMMETRIC, activation);
    for (int i = 0; i < blocks.length; i++) {
      for (int block = 0; block < blocks[i]; block++) {
        unit(stack, "stack" + (i + 1) + "_block" + (block + 1), CHANNELS[i], block == 0 ? 2 : 1);
      }
    }
    return stack.end();
  }

  private void unit(Stack stack, String name, int channels, int stride) {
    FeatureMap start = stack.end();
    FeatureMap shortcut = stride == 1 ? start : halved(stack, name + "_shortcut", channels);
    stack
        .from(start)
        .normalisation(name + "_bn", NONE)
        .convolution(name + "_conv1", channels, 3, 1, Padding.SYMMETRIC, activation)
        .convolution(name + "_conv2", channels, 3, stride, Padding.SYMMETRIC, NONE);
    if (attention == Attention.SQUEEZE_EXCITE) {
      stack.squeezeExcite(name + "_se", channels / SQUEEZE, SqueezeExcite.Builder::withoutBias);
    }
    stack.plus(name + "_add", shortcut);
  }

  private FeatureMap halved(Stack stack, String name, int channels) {
    boolean pool = spec.backboneOptions().shortcut() == Shortcut.MAX_POOL;
    return pool && stack.end().channels() == channels
        ? stack.maxPool(name, 1, 2, Padding.VALID).end()
        : stack.convolution(name, channels, 1, 2, Padding.VALID, NONE).end();
  }
}
