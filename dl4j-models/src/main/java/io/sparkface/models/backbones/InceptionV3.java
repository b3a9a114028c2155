package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.RELU;
import static io.sparkface.models.kernels.Padding.SAME;
import static io.sparkface.models.kernels.Padding.VALID;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Padding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * Inception V3 (Szegedy et al. 2016, arXiv:1512.00567; spec section 3.5) as Keras has it:
 * normalisation without gamma; 112x112 pixels give 2x2x2048.
 */
public final class InceptionV3 implements Backbone {
  private final NetworkSpec spec;

  public InceptionV3(NetworkSpec spec) {
    this.spec = spec;
  }

  @Override
  public FeatureMap addTo(GraphBuilder graph, String input) {
    Stack stack = new Stack(graph, spec, input);
    conv(stack, "conv1", 32, 3, 3, 2, VALID);
    conv(stack, "conv2", 32, 3, 3, 1, VALID);
    conv(stack, "conv3", 64, 3, 3, 1, SAME);
    stack.maxPool("pool1", 3, 2, VALID);
    conv(stack, "conv4", 80, 1, 1, 1, VALID);
    conv(stack, "conv5", 192, 3, 3, 1, VALID);
    stack.maxPool("pool2", 3, 2, VALID);
    square(stack, "mixed0", 32);
    square(stack, "mixed1", 64);
    square(stack, "mixed2", 64);
    firstHalving(stack, "mixed3");
    factorised(stack, "mixed4", 128);
    factorised(stack, "mixed5", 160);
    factorised(stack, "mixed6", 160);
    factorised(stack, "mixed7", 192);
    secondHalving(stack, "mixed8");
    spread(stack, "mixed9");
    spread(stack, "mixed10");
    return stack.end();
  }

  /** 1x1, 5x5, twice 3x3 and a pool side by side. */
  private static void square(Stack stack, String name, int pooled) {
    FeatureMap start = stack.end();
    FeatureMap one = conv(stack, name + "_1x1", 64, 1, 1);
    conv(stack.from(start), name + "_5x5_1", 48, 1, 1);
    FeatureMap five = conv(stack, name + "_5x5_2", 64, 5, 5);
    conv(stack.from(start), name + "_3x3_1", 64, 1, 1);
    conv(stack, name + "_3x3_2", 96, 3, 3);
    FeatureMap three = conv(stack, name + "_3x3_3", 96, 3, 3);
    FeatureMap pool = pooled(stack.from(start), name, pooled);
    stack.concat(name, one, five, three, pool);
  }

  private static void firstHalving(Stack stack, String name) {
    FeatureMap start = stack.end();
    FeatureMap three = conv(stack, name + "_3x3", 384, 3, 3, 2, VALID);
    conv(stack.from(start), name + "_dbl_1", 64, 1, 1);
    conv(stack, name + "_dbl_2", 96, 3, 3);
    FeatureMap twice = conv(stack, name + "_dbl_3", 96, 3, 3, 2, VALID);
    FeatureMap pool = stack.from(start).maxPool(name + "_pool", 3, 2, VALID).end();
    stack.concat(name, three, twice, pool);
  }

  /** 7x7 as 1x7 and 7x1. */
  private static void factorised(Stack stack, String name, int width) {
    FeatureMap start = stack.end();
    FeatureMap one = conv(stack, name + "_1x1", 192, 1, 1);
    conv(stack.from(start), name + "_7x7_1", width, 1, 1);
    conv(stack, name + "_7x7_2", width, 1, 7);
    FeatureMap seven = conv(stack, name + "_7x7_3", 192, 7, 1);
    conv(stack.from(start), name + "_dbl_1", width, 1, 1);
    conv(stack, name + "_dbl_2", width, 7, 1);
    conv(stack, name + "_dbl_3", width, 1, 7);
    conv(stack, name + "_dbl_4", width, 7, 1);
    FeatureMap twice = conv(stack, name + "_dbl_5", 192, 1, 7);
    FeatureMap pool = pooled(stack.from(start), name, 192);
    stack.concat(name, one, seven, twice, pool);
  }

  private static void secondHalving(Stack stack, String name) {
    FeatureMap start = stack.end();
    conv(stack, name + "_3x3_1", 192, 1, 1);
    FeatureMap three = conv(stack, name + "_3x3_2", 320, 3, 3, 2, VALID);
    conv(stack.from(start), name + "_7x7_1", 192, 1, 1);
    conv(stack, name + "_7x7_2", 192, 1, 7);
    conv(stack, name + "_7x7_3", 192, 7, 1);
    FeatureMap seven = conv(stack, name + "_7x7_4", 192, 3, 3, 2, VALID);
    FeatureMap pool = stack.from(start).maxPool(name + "_pool", 3, 2, VALID).end();
    stack.concat(name, three, seven, pool);
  }

  /** 3x3 as 1x3 beside 3x1. */
  private static void spread(Stack stack, String name) {
    FeatureMap start = stack.end();
    FeatureMap one = conv(stack, name + "_1x1", 320, 1, 1);
    FeatureMap three = conv(stack.from(start), name + "_3x3_1", 384, 1, 1);
    FeatureMap threeWide = conv(stack, name + "_3x3_2", 384, 1, 3);
    FeatureMap threeHigh = conv(stack.from(three), name + "_3x3_3", 384, 3, 1);
    conv(stack.from(start), name + "_dbl_1", 448, 1, 1);
    FeatureMap twice = conv(stack, name + "_dbl_2", 384, 3, 3);
    FeatureMap twiceWide = conv(stack, name + "_dbl_3", 384, 1, 3);
    FeatureMap twiceHigh = conv(stack.from(twice), name + "_dbl_4", 384, 3, 1);
    FeatureMap pool = pooled(stack.from(start), name, 192);
    stack.concat(name, one, threeWide, threeHigh, twiceWide, twiceHigh, pool);
  }

  private static FeatureMap pooled(Stack stack, String name, int out) {
    stack.meanPool(name + "_pool", 3, 1, SAME);
    return conv(stack, name + "_pool_1x1", out, 1, 1);
  }

  private static FeatureMap conv(Stack stack, String name, int out, int rows, int columns) {
    return conv(stack, name, out, rows, columns, 1, SAME);
  }

  private static FeatureMap conv(
      Stack stack, String name, int out, int rows, int columns, int stride, Padding padding) {
    return stack
        .convolution(
            name, out, rows, columns, stride, padding, layer -> layer.withoutScale().act(RELU))
        .end();
  }
}
