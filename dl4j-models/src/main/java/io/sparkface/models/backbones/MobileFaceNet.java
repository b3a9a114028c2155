package io.sparkface.models.backbones;

import org.deeplearning4j.nn.conf.ConvolutionMode;

/**
 * MobileFaceNet (Chen et al., 2018) as the original builds it (spec 3.4): TensorFlow's SAME
 * padding, PReLU everywhere, 112 → 7x7x128; 865,536 parameters, 848,256 of them trained.
 */
public final class MobileFaceNet {
  private static final int[] REPEATS = {5, 1, 6, 1, 2};
  private static final int[] OUT = {64, 128, 128, 128, 128};
  private static final int[] STRIDE = {2, 2, 1, 2, 1};
  private static final int[] EXPANSION = {2, 4, 2, 4, 2};

  private MobileFaceNet() {}

  /** Appends the backbone; returns its feature map. */
  public static String addTo(Blocks blocks, String input) {
    String x = blocks.convolutionUnit(input, 64, 3, 2);
    x = blocks.convolutionUnit(blocks.depthwise(x, 3, 1, ConvolutionMode.Same), 64, 1, 1);
    int channels = 64;
    for (int stack = 0; stack < REPEATS.length; stack++) {
      for (int i = 0; i < REPEATS[stack]; i++) {
        int stride = i == 0 ? STRIDE[stack] : 1;
        String y = bottleneck(blocks, x, channels * EXPANSION[stack], OUT[stack], stride);
        x = i == 0 ? y : blocks.add(y, x);
        channels = OUT[stack];
      }
    }
    return x;
  }

  private static String bottleneck(Blocks blocks, String input, int expanded, int out, int stride) {
    String x = blocks.convolutionUnit(input, expanded, 1, 1);
    x = blocks.prelu(blocks.batchNorm(blocks.depthwise(x, 3, stride, ConvolutionMode.Same)));
    return blocks.batchNorm(blocks.convolution(x, out, 1, 1));
  }
}
