package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.RELU6;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * MobileNet V1 (Howard et al. 2017, arXiv:1704.04861; spec sections 3.4 and 3.5): as Keras has it,
 * where 112x112 pixels give 3x3x1024, or with a stem of stride 1 as {@code mobilenet_m1}, 7x7x1024.
 */
public final class MobileNet implements Backbone {
  private static final int[] POINTWISE = {
    64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024
  };
  private static final Set<Integer> STRIDED = Set.of(2, 4, 6, 12);

  private final NetworkSpec spec;
  private final int stemStride;
  private final Padding strided;

  private MobileNet(NetworkSpec spec, int stemStride, Padding strided) {
    this.spec = spec;
    this.stemStride = stemStride;
    this.strided = strided;
  }

  /** {@code mobilenet}. */
  public static MobileNet keras(NetworkSpec spec) {
    return new MobileNet(spec, 2, Padding.TRAILING);
  }

  /** {@code mobilenet_m1}. */
  public static MobileNet m1(NetworkSpec spec) {
    return new MobileNet(spec, 1, Padding.SYMMETRIC);
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input);
    stack.convolution("conv1", 32, 3, stemStride, Padding.SAME, RELU6);
    for (int block = 1; block <= POINTWISE.length; block++) {
      boolean halves = STRIDED.contains(block);
      stack
          .depthwise("conv_dw_" + block, 3, halves ? 2 : 1, halves ? strided : Padding.SAME, RELU6)
          .pointwise("conv_pw_" + block, POINTWISE[block - 1], RELU6);
    }
    return stack.end();
  }
}
