package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.AttentionShape.Places;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.SelfAttention;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * BoTNet-50 (Srinivas et al. 2021, arXiv:2101.11605): ResNet-50 without biases, the stride in the
 * 3x3, whose last stack has self-attention with relative places of four heads instead of 3x3
 * convolutions. Gamma of a branch's last normalisation starts at 0. 112x112 pixels give 4x4x2048.
 */
public final class BotNet implements Backbone {
  private static final int[] BLOCKS = {3, 4, 6, 3};
  private static final int[] CHANNELS = {64, 128, 256, 512};
  private static final int HEADS = 4;

  private final NetworkSpec spec;

  public BotNet(NetworkSpec spec) {
    this.spec = spec;
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input).batchNorm(0.9, 1e-5);
    stack
        .convolution("conv1", 64, 7, 2, Padding.SYMMETRIC, RELU)
        .maxPool("pool1", 3, 2, Padding.SYMMETRIC);
    for (int i = 0; i < BLOCKS.length; i++) {
      for (int block = 0; block < BLOCKS[i]; block++) {
        String name = "stack" + (i + 1) + "_block" + (block + 1);
        int stride = i > 0 && block == 0 ? 2 : 1;
        bottleneck(stack, name, CHANNELS[i], stride, i == BLOCKS.length - 1);
      }
    }
    return stack.end();
  }

  private void bottleneck(Stack stack, String name, int width, int stride, boolean attends) {
    FeatureMap start = stack.end();
    int out = 4 * width;
    FeatureMap shortcut = start;
    if (stride != 1 || start.channels() != out) {
      Activation behind = attends ? RELU : NONE;
      shortcut = stack.convolution(name + "_short", out, 1, stride, Padding.VALID, behind).end();
    }
    stack.from(start).pointwise(name + "_1", width, RELU);
    if (attends) {
      attention(stack, name, width, stride);
    } else {
      stack.convolution(name + "_2", width, 3, stride, Padding.SYMMETRIC, RELU);
    }
    stack
        .convolution(name + "_3", out, 1, 1, Padding.VALID, ConvBnAct.Builder::scaleFromZero)
        .plus(name + "_add", shortcut)
        .activation(name + "_out", RELU);
  }

  private static void attention(Stack stack, String name, int width, int stride) {
    FeatureMap map = stack.end();
    stack
        .convolution(
            name + "_qkv", 3 * width, 1, 1, Padding.VALID, ConvBnAct.Builder::withoutBatchNorm)
        .layer(
            name + "_mhsa",
            stack
                .prepared(SelfAttention.of(map.height(), map.width(), HEADS, width / HEADS))
                .places(Places.RELATIVE)
                .build(),
            map.height(),
            map.width(),
            width);
    if (stride > 1) {
      stack.meanPool(name + "_pool", 2, stride, Padding.SAME);
    }
    stack.normalisation(name + "_2_bn", RELU);
  }
}
