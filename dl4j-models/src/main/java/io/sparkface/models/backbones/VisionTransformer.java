package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU6;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.ConvBnAct;
import io.sparkface.models.layers.LayerNorm;
import io.sparkface.models.layers.PositionEmbedding;
import io.sparkface.models.layers.SelfAttention;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.distribution.TruncatedNormalDistribution;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.deeplearning4j.nn.weights.WeightInitUniform;

/**
 * Vision transformer (Dosovitskiy et al. 2021, arXiv:2010.11929) as arcface_torch has it for faces:
 * patches of 9x9 pixels, no class token, ReLU6 between the dense layers, and all places together
 * brought to one vector of the transformer's width; 112x112 pixels are 12x12 patches and give
 * 1x1xwidth. With head F the rest is arcface_torch's too. Its random masking of patches while
 * training is not done; branches are dropped as there, up to a tenth.
 */
public final class VisionTransformer implements Backbone {
  private static final int PATCH = 9;
  private static final int HEADS = 8;
  private static final int WIDER = 4;
  private static final double DROPPED = 0.1;
  private static final double MOMENTUM = 0.9;
  private static final double LAYER_EPSILON = 1e-5;
  private static final double BATCH_EPSILON = 2e-5;
  private static final IWeightInit DENSE =
      new WeightInitDistribution(new TruncatedNormalDistribution(0, 0.02));

  private final NetworkSpec spec;
  private final int width;
  private final int depth;

  /**
   * @param width channels throughout
   * @param depth blocks of attention and dense layers
   */
  public VisionTransformer(NetworkSpec spec, int width, int depth) {
    this.spec = spec;
    this.width = width;
    this.depth = depth;
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack =
        new Stack(graph, spec, input)
            .batchNorm(MOMENTUM, BATCH_EPSILON)
            .initialisation(new WeightInitUniform());
    dense(stack, "patches", width, PATCH, PATCH);
    stack.initialisation(DENSE);
    FeatureMap map = stack.end();
    stack.same(
        "places", stack.prepared(PositionEmbedding.of(map.height(), map.width(), width)).build());
    double asked = spec.backboneOptions().dropConnect();
    double rate = asked < 0 ? DROPPED : asked;
    for (int block = 0; block < depth; block++) {
      double dropped = depth == 1 ? rate : rate * block / (depth - 1);
      block(stack, "block" + (block + 1), dropped);
    }
    normalised(stack, "norm");
    return stack
        .convolution("feature", width, map.height(), map.width(), 1, Padding.VALID, l -> l)
        .end();
  }

  private void block(Stack stack, String name, double dropped) {
    FeatureMap start = stack.end();
    normalised(stack, name + "_norm1")
        .convolution(
            name + "_qkv", 3 * width, 1, 1, Padding.VALID, ConvBnAct.Builder::withoutBatchNorm)
        .layer(
            name + "_attention",
            stack
                .prepared(SelfAttention.of(start.height(), start.width(), HEADS, width / HEADS))
                .build(),
            start.height(),
            start.width(),
            width);
    FeatureMap between =
        dense(stack, name + "_projection", width, 1, 1)
            .plusDropped(name + "_add1", start, dropped)
            .end();
    normalised(stack, name + "_norm2")
        .convolution(
            name + "_wider",
            WIDER * width,
            1,
            1,
            Padding.VALID,
            layer -> layer.bias().withoutBatchNorm().act(RELU6));
    dense(stack, name + "_back", width, 1, 1).plusDropped(name + "_add2", between, dropped);
  }

  private static Stack dense(Stack stack, String name, int out, int kernel, int stride) {
    return stack.convolution(
        name,
        out,
        kernel,
        stride,
        Padding.VALID,
        layer -> layer.bias().withoutBatchNorm().act(NONE));
  }

  private static Stack normalised(Stack stack, String name) {
    return stack.same(
        name,
        stack
            .prepared(LayerNorm.of(stack.end().channels()))
            .batchNorm(MOMENTUM, LAYER_EPSILON)
            .build());
  }
}
