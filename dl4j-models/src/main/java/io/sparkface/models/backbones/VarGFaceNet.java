package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.FanOutNormal;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * VarGFaceNet (Yan et al. 2019, arXiv:1910.04985; spec section 3.4): convolutions in groups of
 * eight channels, ReLU and no squeeze-and-excite, as Keras_insightface builds it by default;
 * 112x112 pixels give 1x1x1024.
 */
public final class VarGFaceNet implements Backbone {
  private static final int GROUP = 8;
  private static final int[] REPEATS = {3, 7, 4};
  private static final int[] CHANNELS = {64, 128, 256};
  private static final int LAST = 1024;

  private final NetworkSpec spec;

  public VarGFaceNet(NetworkSpec spec) {
    this.spec = spec;
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack =
        new Stack(graph, spec, input).batchNorm(0.9, 1e-5).initialisation(new FanOutNormal());
    stack.convolution("stem", 32, 3, 1, Padding.SYMMETRIC, RELU);
    halving(stack, "stem_block", 32, 1, 1);
    for (int i = 0; i < REPEATS.length; i++) {
      halving(stack, "stack" + (i + 1) + "_block1", CHANNELS[i], 2, 2);
      for (int block = 2; block <= REPEATS[i]; block++) {
        keeping(stack, "stack" + (i + 1) + "_block" + block);
      }
    }
    FeatureMap map = stack.pointwise("conv_last", LAST, RELU).end();
    return stack
        .convolution(
            "gdc",
            LAST,
            map.height(),
            map.width(),
            1,
            Padding.VALID,
            layer -> layer.groups(LAST / GROUP))
        .end();
  }

  /** Half the size; the sum of {@code branches} separable convolutions, then another one. */
  private static void halving(Stack stack, String name, int out, int ratio, int branches) {
    FeatureMap start = stack.end();
    FeatureMap shortcut = separable(stack, name + "_short", ratio, out, 2).end();
    separable(stack.from(start), name + "_sep1", ratio, out, 2);
    if (branches > 1) {
      FeatureMap first = stack.end();
      separable(stack.from(start), name + "_sep2", ratio, out, 2).plus(name + "_merge", first);
    }
    stack.activation(name + "_act", RELU);
    separable(stack, name + "_sep", ratio, out, 1)
        .plus(name + "_add", shortcut)
        .activation(name, RELU);
  }

  private static void keeping(Stack stack, String name) {
    FeatureMap start = stack.end();
    int channels = start.channels();
    separable(stack, name + "_sep1", 2, channels, 1).activation(name + "_act", RELU);
    separable(stack, name + "_sep2", 2, channels, 1)
        .plus(name + "_add", start)
        .activation(name, RELU);
  }

  private static Stack separable(Stack stack, String name, int ratio, int out, int stride) {
    int groups = stack.end().channels() / GROUP;
    return stack
        .convolution(
            name + "_grouped",
            stack.end().channels() * ratio,
            3,
            stride,
            Padding.SYMMETRIC,
            layer -> layer.groups(groups).act(RELU))
        .pointwise(name, out, NONE);
  }
}
