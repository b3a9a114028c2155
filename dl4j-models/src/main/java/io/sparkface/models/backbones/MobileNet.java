package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.RELU6;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.weights.WeightInitXavierUniform;

/**
 * MobileNet V1 (Howard et al. 2017, arXiv:1704.04861; spec section 3.5) as Keras has it: 112x112
 * pixels give 3x3x1024.
 */
public final class MobileNet implements Backbone {
  private static final int[] POINTWISE = {
    64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024
  };
  private static final Set<Integer> STRIDED = Set.of(2, 4, 6, 12);

  private final NetworkSpec spec;

  public MobileNet(NetworkSpec spec) {
    this.spec = spec;
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack =
        new Stack(
            graph,
            new FeatureMap(input, spec.height(), spec.width(), 3),
            spec.batchNormMomentum(),
            spec.batchNormEpsilon(),
            new WeightInitXavierUniform());
    stack.convolution("conv1", 32, 3, 2, Padding.SAME, RELU6);
    for (int block = 1; block <= POINTWISE.length; block++) {
      boolean strided = STRIDED.contains(block);
      stack
          .depthwise(
              "conv_dw_" + block,
              3,
              strided ? 2 : 1,
              strided ? Padding.TRAILING : Padding.SAME,
              RELU6)
          .convolution("conv_pw_" + block, POINTWISE[block - 1], 1, 1, Padding.SAME, RELU6);
    }
    return stack.end();
  }
}
