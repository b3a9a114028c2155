package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.SWISH;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import io.sparkface.models.layers.FanOutNormal;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * EfficientNet (Tan and Le 2019, arXiv:1905.11946) and EfficientNetV2 (2021, arXiv:2104.00298; spec
 * section 3.5): inverted bottlenecks with squeeze-and-excite; the first stages of V2 fuse expansion
 * and depthwise convolution into one 3x3.
 */
public final class EfficientNet implements Backbone {
  private static final int[] STRIDES = {1, 2, 2, 2, 1, 2, 1};
  private static final int[] V1_KERNELS = {3, 3, 5, 3, 5, 5, 3};
  private static final int[] V2_KERNELS = {3, 3, 3, 3, 3, 3, 3};
  private static final int[] V1_EXPANSIONS = {1, 6, 6, 6, 6, 6, 6};
  private static final int[] V2_EXPANSIONS = {1, 4, 4, 4, 6, 6, 6};
  private static final int[] V1_CHANNELS = {16, 24, 40, 80, 112, 192, 320};
  private static final int[] V1_DEPTHS = {1, 2, 2, 3, 3, 4, 1};
  private static final int FUSED_STAGES = 3;

  private final NetworkSpec spec;
  private final int stem;
  private final int tail;
  private final int[] kernels;
  private final int[] expansions;
  private final int[] channels;
  private final int[] depths;
  private final int fused;
  private final double dropConnect;

  private EfficientNet(
      NetworkSpec spec,
      int stem,
      int tail,
      int[] kernels,
      int[] expansions,
      int[] channels,
      int[] depths,
      int fused,
      double dropConnect) {
    this.spec = spec;
    this.stem = stem;
    this.tail = tail;
    this.kernels = kernels;
    this.expansions = expansions;
    this.channels = channels;
    this.depths = depths;
    this.fused = fused;
    this.dropConnect = dropConnect;
  }

  /** {@code efficientnetb0} made wider and deeper by two factors. */
  public static EfficientNet v1(NetworkSpec spec, double width, double depth) {
    return new EfficientNet(
        spec,
        Rounding.divisible(32 * width, 8),
        Rounding.divisible(1280 * width, 8),
        V1_KERNELS,
        V1_EXPANSIONS,
        Arrays.stream(V1_CHANNELS).map(c -> Rounding.divisible(c * width, 8)).toArray(),
        Arrays.stream(V1_DEPTHS).map(d -> (int) Math.ceil(d * depth)).toArray(),
        0,
        0.2);
  }

  /** An EfficientNetV2 of six or seven stages. */
  public static EfficientNet v2(
      NetworkSpec spec, int stem, int tail, int[] channels, int[] depths) {
    return new EfficientNet(
        spec, stem, tail, V2_KERNELS, V2_EXPANSIONS, channels, depths, FUSED_STAGES, 0);
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack =
        new Stack(graph, spec, input).batchNorm(0.9, 1e-3).initialisation(new FanOutNormal());
    int stemStride = spec.backboneOptions().stemStride();
    stack.convolution("stem", stem, 3, stemStride == 0 ? 2 : stemStride, Padding.SAME, SWISH);
    double asked = spec.backboneOptions().dropConnect();
    double rate = asked < 0 ? dropConnect : asked;
    int total = Arrays.stream(depths).sum();
    int index = 0;
    for (int stage = 0; stage < channels.length; stage++) {
      for (int block = 0; block < depths[stage]; block++) {
        String name = "stack" + (stage + 1) + "_block" + (block + 1);
        int stride = block == 0 ? STRIDES[stage] : 1;
        bottleneck(stack, name, stage, stride, rate * index++ / total);
      }
    }
    return stack.pointwise("conv_last", tail, SWISH).end();
  }

  private void bottleneck(Stack stack, String name, int stage, int stride, double dropped) {
    FeatureMap start = stack.end();
    int out = channels[stage];
    int expanded = start.channels() * expansions[stage];
    if (stage < fused) {
      if (expansions[stage] == 1) {
        stack.convolution(name + "_fused", out, 3, stride, Padding.SAME, SWISH);
      } else {
        stack
            .convolution(name + "_fused", expanded, 3, stride, Padding.SAME, SWISH)
            .pointwise(name + "_project", out, NONE);
      }
    } else {
      if (expansions[stage] > 1) {
        stack.pointwise(name + "_expand", expanded, SWISH);
      }
      stack
          .depthwise(name + "_dw", kernels[stage], stride, Padding.SAME, SWISH)
          .squeezeExcite(name + "_se", start.channels() / 4, layer -> layer.act(SWISH))
          .pointwise(name + "_project", out, NONE);
    }
    if (stride == 1 && start.channels() == out) {
      stack.plusDropped(name + "_add", start, dropped);
    }
  }
}
