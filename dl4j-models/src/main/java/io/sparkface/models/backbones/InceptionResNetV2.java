package io.sparkface.models.backbones;

import static io.sparkface.models.kernels.Activation.NONE;
import static io.sparkface.models.kernels.Activation.RELU;
import static io.sparkface.models.kernels.Padding.SAME;
import static io.sparkface.models.kernels.Padding.VALID;

import io.sparkface.models.NetworkSpec;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.kernels.Padding;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * Inception-ResNet V2 (Szegedy et al. 2017, arXiv:1602.07261; spec section 3.5) as Keras has it:
 * residual branches multiplied with a small factor, normalisation without gamma; 112x112 pixels
 * give 2x2x1536.
 */
public final class InceptionResNetV2 implements Backbone {
  private final NetworkSpec spec;

  public InceptionResNetV2(NetworkSpec spec) {
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
    inception(stack, "mixed_5b");
    for (int i = 1; i <= 10; i++) {
      block35(stack, "block35_" + i);
    }
    firstHalving(stack, "mixed_6a");
    for (int i = 1; i <= 20; i++) {
      block17(stack, "block17_" + i);
    }
    secondHalving(stack, "mixed_7a");
    for (int i = 1; i <= 9; i++) {
      block8(stack, "block8_" + i, 0.2, RELU);
    }
    block8(stack, "block8_10", 1, NONE);
    return conv(stack, "conv_7b", 1536, 1, 1);
  }

  private static void inception(Stack stack, String name) {
    FeatureMap start = stack.end();
    FeatureMap one = conv(stack, name + "_1x1", 96, 1, 1);
    conv(stack.from(start), name + "_5x5_1", 48, 1, 1);
    FeatureMap five = conv(stack, name + "_5x5_2", 64, 5, 5);
    conv(stack.from(start), name + "_3x3_1", 64, 1, 1);
    conv(stack, name + "_3x3_2", 96, 3, 3);
    FeatureMap three = conv(stack, name + "_3x3_3", 96, 3, 3);
    stack.from(start).meanPool(name + "_pool", 3, 1, SAME);
    FeatureMap pool = conv(stack, name + "_pool_1x1", 64, 1, 1);
    stack.concat(name, one, five, three, pool);
  }

  private static void block35(Stack stack, String name) {
    FeatureMap start = stack.end();
    FeatureMap one = conv(stack, name + "_1x1", 32, 1, 1);
    conv(stack.from(start), name + "_3x3_1", 32, 1, 1);
    FeatureMap three = conv(stack, name + "_3x3_2", 32, 3, 3);
    conv(stack.from(start), name + "_dbl_1", 32, 1, 1);
    conv(stack, name + "_dbl_2", 48, 3, 3);
    FeatureMap twice = conv(stack, name + "_dbl_3", 64, 3, 3);
    stack.concat(name + "_mixed", one, three, twice);
    residual(stack, name, start, 0.17, RELU);
  }

  private static void firstHalving(Stack stack, String name) {
    FeatureMap start = stack.end();
    FeatureMap three = conv(stack, name + "_3x3", 384, 3, 3, 2, VALID);
    conv(stack.from(start), name + "_dbl_1", 256, 1, 1);
    conv(stack, name + "_dbl_2", 256, 3, 3);
    FeatureMap twice = conv(stack, name + "_dbl_3", 384, 3, 3, 2, VALID);
    FeatureMap pool = stack.from(start).maxPool(name + "_pool", 3, 2, VALID).end();
    stack.concat(name, three, twice, pool);
  }

  private static void block17(Stack stack, String name) {
    FeatureMap start = stack.end();
    FeatureMap one = conv(stack, name + "_1x1", 192, 1, 1);
    conv(stack.from(start), name + "_7x7_1", 128, 1, 1);
    conv(stack, name + "_7x7_2", 160, 1, 7);
    FeatureMap seven = conv(stack, name + "_7x7_3", 192, 7, 1);
    stack.concat(name + "_mixed", one, seven);
    residual(stack, name, start, 0.1, RELU);
  }

  private static void secondHalving(Stack stack, String name) {
    FeatureMap start = stack.end();
    conv(stack, name + "_3x3_1", 256, 1, 1);
    FeatureMap first = conv(stack, name + "_3x3_2", 384, 3, 3, 2, VALID);
    conv(stack.from(start), name + "_3x3_3", 256, 1, 1);
    FeatureMap second = conv(stack, name + "_3x3_4", 288, 3, 3, 2, VALID);
    conv(stack.from(start), name + "_dbl_1", 256, 1, 1);
    conv(stack, name + "_dbl_2", 288, 3, 3);
    FeatureMap third = conv(stack, name + "_dbl_3", 320, 3, 3, 2, VALID);
    FeatureMap pool = stack.from(start).maxPool(name + "_pool", 3, 2, VALID).end();
    stack.concat(name, first, second, third, pool);
  }

  private static void block8(Stack stack, String name, double factor, Activation activation) {
    FeatureMap start = stack.end();
    FeatureMap one = conv(stack, name + "_1x1", 192, 1, 1);
    conv(stack.from(start), name + "_3x3_1", 192, 1, 1);
    conv(stack, name + "_3x3_2", 224, 1, 3);
    FeatureMap three = conv(stack, name + "_3x3_3", 256, 3, 1);
    stack.concat(name + "_mixed", one, three);
    residual(stack, name, start, factor, activation);
  }

  /** act(start + factor * (mixed * kernel + bias)). */
  private static void residual(
      Stack stack, String name, FeatureMap start, double factor, Activation activation) {
    stack.convolution(
        name + "_conv", start.channels(), 1, 1, SAME, layer -> layer.bias().withoutBatchNorm());
    if (factor != 1) {
      stack.times(name + "_scale", factor);
    }
    stack.plus(name + "_add", start);
    if (activation != NONE) {
      stack.activation(name + "_act", activation);
    }
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
