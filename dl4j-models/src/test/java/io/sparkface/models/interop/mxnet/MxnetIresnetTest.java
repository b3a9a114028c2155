package io.sparkface.models.interop.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.interop.Chance;
import io.sparkface.models.interop.FreshNetworks;
import io.sparkface.models.interop.SamplePixels;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import io.sparkface.models.interop.torch.TorchNetwork;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MxnetIresnetTest {
  /** insightface's r18 with an embedding of 16 and weights by a formula. */
  private static final class ResNet {
    private final List<String> nodes = new ArrayList<>();
    private final Map<String, Tensor> arrays = new LinkedHashMap<>();

    ResNet() {
      int data = node("null", "data", "");
      int x = node("_minus_scalar", "_minusscalar0", "'scalar': '127.5'", data);
      x = node("_mul_scalar", "_mulscalar0", "'scalar': '0.0078125'", x);
      x = prelu("relu0", 64, normalised("bn0", 64, false, convolved("conv0", 64, 3, 3, 1, x)));
      long in = 64;
      for (int stage = 1; stage <= 4; stage++) {
        long out = 32L << stage;
        for (int unit = 1; unit <= 2; unit++) {
          String name = "stage" + stage + "_unit" + unit + "_";
          int stride = unit == 1 ? 2 : 1;
          int y = normalised(name + "bn1", in, false, x);
          y = normalised(name + "bn2", out, false, convolved(name + "conv1", out, in, 3, 1, y));
          y = convolved(name + "conv2", out, out, 3, stride, prelu(name + "relu1", out, y));
          y = normalised(name + "bn3", out, false, y);
          int shortcut =
              unit == 2
                  ? x
                  : normalised(
                      name + "sc", out, false, convolved(name + "conv1sc", out, in, 1, stride, x));
          x = node("elemwise_add", name + "plus", "", y, shortcut);
          in = out;
        }
      }
      x = node("Dropout", "dropout0", "'p': '0.4'", normalised("bn1", 512, false, x));
      int weight = array("arg", "pre_fc1_weight", 16, 512 * 49);
      int bias = array("arg", "pre_fc1_bias", 16);
      x = node("FullyConnected", "pre_fc1", "'num_hidden': '16'", x, weight, bias);
      normalised("fc1", 16, true, x);
    }

    private int node(String op, String name, String attributes, int... inputs) {
      StringBuilder from = new StringBuilder();
      for (int input : inputs) {
        from.append(from.isEmpty() ? "" : ", ").append("[").append(input).append(", 0, 0]");
      }
      nodes.add(
          "{\"op\": \"%s\", \"name\": \"%s\", \"attrs\": {%s}, \"inputs\": [%s]}"
              .formatted(op, name, attributes.replace('\'', '"'), from));
      return nodes.size() - 1;
    }

    private int array(String kind, String name, long... shape) {
      double[] chance = Chance.of(name, Tensor.count(shape));
      float[] values = new float[chance.length];
      double fanIn = chance.length / (double) shape[0];
      for (int i = 0; i < values.length; i++) {
        double scale = shape.length > 1 ? 1 / Math.sqrt(fanIn) : 0.2;
        boolean nearOne = name.endsWith("_var") || name.endsWith("gamma") && !name.contains("relu");
        values[i] = (float) ((nearOne ? 1 : 0) + scale * chance[i]);
      }
      arrays.put(kind + ":" + name, new Tensor(shape, values));
      return node("null", name, "");
    }

    private int convolved(String name, long out, long in, int kernel, int stride, int x) {
      String size = "(%d, %d)";
      return node(
          "Convolution",
          name,
          "'kernel': '%s', 'stride': '%s', 'pad': '%s', 'num_filter': '%d', 'no_bias': 'True'"
              .formatted(
                  size.formatted(kernel, kernel),
                  size.formatted(stride, stride),
                  size.formatted(kernel / 2, kernel / 2),
                  out),
          x,
          array("arg", name + "_weight", out, in, kernel, kernel));
    }

    private int normalised(String name, long channels, boolean fixed, int x) {
      return node(
          "BatchNorm",
          name,
          "'eps': '0.01', 'fix_gamma': '%s'".formatted(fixed ? "True" : "False"),
          x,
          array("arg", name + "_gamma", channels),
          array("arg", name + "_beta", channels),
          array("aux", name + "_moving_mean", channels),
          array("aux", name + "_moving_var", channels));
    }

    private int prelu(String name, long channels, int x) {
      return node(
          "LeakyReLU", name, "'act_type': 'prelu'", x, array("arg", name + "_gamma", channels));
    }

    byte[] symbol() {
      return "{\"nodes\": [%s], \"heads\": [[%d, 0, 0]]}"
          .formatted(String.join(", ", nodes), nodes.size() - 1)
          .getBytes(StandardCharsets.UTF_8);
    }

    byte[] params() {
      return MxnetFiles.params(arrays);
    }
  }

  /** Two ways that share nothing: the graph as ONNX, and the weights in a network of ours. */
  @Test
  void theWeightsGiveWhatTheGraphGives() {
    ResNet model = new ResNet();
    Map<String, Tensor> state = MxnetIresnet.state(model.symbol(), model.params(), "model,0");
    NetworkSpec spec = TorchNetwork.network(state).orElseThrow();
    assertThat(spec.backbone()).isEqualTo("iresnet18");
    ComputationGraph network = FreshNetworks.of(spec, 1);
    TorchNetwork.copy(state, network, "model,0");
    float[] pixels = SamplePixels.scaled(3 * 112 * 112);
    INDArray nchw = Nd4j.createFromArray(pixels).reshape('c', 1, 3, 112, 112);
    float[] found =
        network.outputSingle(nchw.permute(0, 2, 3, 1).dup('c')).reshape(16).toFloatVector();
    float[] raw = new float[pixels.length];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = 128 * pixels[i] + 127.5f;
    }
    float[] expected;
    try (OnnxNetwork graph =
        OnnxNetwork.open(
            MxnetModel.read(model.symbol(), model.params(), "model,0"), "model,0", 1)) {
      expected = graph.first(new OnnxNetwork.Values(new long[] {1, 3, 112, 112}, raw)).values();
    }
    assertThat(found).containsExactly(expected, within(1e-4f));
  }

  @Test
  void anArrayOfAnotherNetworkIsNamed() {
    MxnetFiles other =
        new MxnetFiles()
            .array("arg", "conv_9_weight", new long[] {3}, 1, 2, 3)
            .node("LeakyReLU", "'act_type': 'prelu'", 1);
    assertThatThrownBy(() -> MxnetIresnet.state(other.symbol(), other.params(), "det1,1"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'arg:conv_9_weight' is of no LResNet-E-IR")
        .hasMessageContaining("det1,1");
  }
}
