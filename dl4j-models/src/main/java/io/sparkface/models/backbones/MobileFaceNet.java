package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.PRELU;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * MobileFaceNet (Chen et al. 2018, arXiv:1804.07573; spec section 3.4): 865,536 parameters up to
 * its 7x7x128 map at 112x112 pixels, 890,376 with squeeze-and-excite.
 */
public final class MobileFaceNet implements Backbone {
  private static final int STEM = 64;
  private static final int SQUEEZE = 16;
  private static final Row[] ROWS = {
    new Row(5, 64, 2, 2),
    new Row(1, 128, 2, 4),
    new Row(6, 128, 1, 2),
    new Row(1, 128, 2, 4),
    new Row(2, 128, 1, 2)
  };

  private final NetworkSpec spec;
  private final Attention attention;

  /** What stands at the end of each block. */
  public enum Attention {
    NONE,
    SQUEEZE_EXCITE
  }

  public MobileFaceNet(NetworkSpec spec, Attention attention) {
    this.spec = spec;
    this.attention = attention;
  }

  /** A row of the paper's table; the stride is the first block's. */
  private record Row(int repeats, int out, int stride, int expansion) {}

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input);
    stack
        .convolution("stem1", STEM, 3, 2, Padding.SAME, PRELU)
        .separable("stem2", STEM, 3, 1, Padding.SAME, PRELU);
    for (int row = 0; row < ROWS.length; row++) {
      for (int block = 0; block < ROWS[row].repeats(); block++) {
        bottleneck(stack, "stack" + (row + 1) + "_block" + (block + 1), ROWS[row], block);
      }
    }
    return stack.end();
  }

  private void bottleneck(Stack stack, String name, Row row, int block) {
    FeatureMap start = stack.end();
    stack
        .pointwise(name + "_expand", start.channels() * row.expansion(), PRELU)
        .depthwise(name + "_dw", 3, block == 0 ? row.stride() : 1, Padding.SAME, PRELU)
        .pointwise(name + "_project", row.out(), NONE);
    if (attention == Attention.SQUEEZE_EXCITE) {
      stack.squeezeExcite(name + "_se", row.out() / SQUEEZE, layer -> layer.act(PRELU));
    }
    if (block > 0) {
      stack.plus(name + "_add", start);
    }
  }
}
