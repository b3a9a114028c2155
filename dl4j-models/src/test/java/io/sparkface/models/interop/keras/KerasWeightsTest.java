package io.sparkface.models.interop.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.interop.Chance;
import io.sparkface.models.interop.FreshNetworks;
import io.sparkface.models.interop.NetworkParameters;
import io.sparkface.models.interop.SamplePixels;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class KerasWeightsTest {
  private static KerasFile file(Map<String, Map<String, Tensor>> weights) {
    return new KerasFile(Optional.empty(), 2, weights);
  }

  /**
   * keras.applications' MobileNetV2 without its top: Keras 3's names and shapes, weights by a
   * formula, and the map that Keras gave.
   */
  @Test
  void aBackboneOfKerasGivesItsMap() throws IOException {
    NetworkSpec spec = NetworkSpec.of("mobilenetv2", "F", 8).withInput(64, 64);
    ComputationGraph network = FreshNetworks.of(spec, 1);
    INDArray head = network.getParam("embedding_P").dup();
    assertThat(KerasWeights.copy(file(mobileNetV2()), network, "v2.h5")).isFalse();
    assertThat(network.getParam("embedding_P")).isEqualTo(head);

    float[] pixels = SamplePixels.scaled(3 * 64 * 64);
    INDArray image = Nd4j.createFromArray(pixels).reshape('c', 1, 64, 64, 3);
    String last = network.getConfiguration().getVertexInputs().get("embedding").get(0);
    INDArray map = network.feedForward(image, false).get(last).dup('c');
    float[] found = map.reshape(map.length()).toFloatVector();
    float[] expected = {
      0, 1.9509933f, 0.15744054f, 0, 0, 0.91912931f, 0, 0.14572249f, 0.29239425f, 0.58848122f, 0, 0
    };
    assertThat(found).hasSize(5120);
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(1e-4f));
    }
    assertThat(map.sumNumber().doubleValue()).isCloseTo(3136.878, within(0.02));
  }

  private static Map<String, Map<String, Tensor>> mobileNetV2() throws IOException {
    Map<String, Map<String, Tensor>> weights = new LinkedHashMap<>();
    String lines;
    try (InputStream in = KerasWeightsTest.class.getResourceAsStream("mobilenetv2.txt")) {
      lines = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (String line : lines.lines().toList()) {
      String[] parts = line.split(" ");
      long[] shape = Arrays.stream(parts[2].split("x")).mapToLong(Long::parseLong).toArray();
      double[] chance = Chance.of(parts[1], Tensor.count(shape));
      float[] values = new float[chance.length];
      for (int i = 0; i < values.length; i++) {
        double value = 0.2 * chance[i];
        if (shape.length > 1) {
          boolean depthwise = parts[1].contains("depthwise");
          value = chance[i] * Math.sqrt(4.0 / (shape[0] * shape[1] * (depthwise ? 1 : shape[2])));
        } else if (parts[1].endsWith("moving_variance")) {
          value = 1 + 0.5 * chance[i];
        } else if (parts[1].endsWith("gamma")) {
          value = 1 + 0.3 * chance[i];
        }
        values[i] = (float) value;
      }
      weights
          .computeIfAbsent(parts[0], layer -> new LinkedHashMap<>())
          .put(parts[1], new Tensor(shape, values));
    }
    return weights;
  }

  /**
   * A network as Keras_insightface would save it, with an embedding and a margin head behind it.
   */
  private static Map<String, Map<String, Tensor>> saved(ComputationGraph network) {
    Map<String, Map<String, Tensor>> weights = new LinkedHashMap<>();
    for (NetworkParameters layer : NetworkParameters.of(network)) {
      for (Part part : layer.layer().block().parts()) {
        INDArray values = layer.layer().block().view(layer.values(), part);
        String name = layer.vertex();
        switch (part) {
          case KERNEL -> put(weights, name + "_conv", "kernel", values);
          case ALPHA -> put(weights, name + "_prelu", "alpha", values.reshape(1, 1, -1));
          case SCALE_SHIFT -> {
            put(weights, name + "_bn", "gamma", values.getRow(0));
            put(weights, name + "_bn", "beta", values.getRow(1));
          }
          case STATISTICS -> {
            put(weights, name + "_bn", "moving_mean", values.getRow(0));
            put(weights, name + "_bn", "moving_variance", values.getRow(1));
          }
          default -> throw new IllegalArgumentException(part.toString());
        }
      }
    }
    weights.put("embedding", new LinkedHashMap<>());
    put(weights, "arcface", "norm_dense_w", Nd4j.ones(16, 3));
    return weights;
  }

  private static void put(
      Map<String, Map<String, Tensor>> weights, String layer, String part, INDArray values) {
    INDArray copy = values.dup('c');
    weights
        .computeIfAbsent(layer, key -> new LinkedHashMap<>())
        .put(
            layer + "/" + part,
            new Tensor(copy.shape(), copy.reshape(copy.length()).toFloatVector()));
  }

  @Test
  void aWholeFaceNetworkComesBackAndItsMarginHeadIsLeftOut() {
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 16).withInput(32, 32);
    ComputationGraph source = FreshNetworks.of(spec, 1);
    source.params().addi(Nd4j.rand(source.params().shape()).muli(0.1));
    ComputationGraph copy = FreshNetworks.of(spec, 2);
    assertThat(KerasWeights.copy(file(saved(source)), copy, "m.h5")).isTrue();
    assertThat(copy.params().sub(source.params()).amaxNumber().doubleValue()).isZero();
  }

  /**
   * The shortcut's normalisation has the shape of the two beside it and is saved, as Keras does,
   * behind the first and before the second.
   */
  @Test
  void normalisationsGoWithTheKernelOfTheirName() {
    NetworkSpec spec = NetworkSpec.of("iresnet18", "E", 16).withInput(32, 32);
    ComputationGraph source = FreshNetworks.of(spec, 1);
    source.params().addi(Nd4j.rand(source.params().shape()).muli(0.1));
    Map<String, Map<String, Tensor>> weights = saved(source);
    Map<String, Map<String, Tensor>> turned = new LinkedHashMap<>();
    weights.keySet().stream()
        .filter(name -> name.contains("shortcut"))
        .forEach(name -> turned.put(name, weights.get(name)));
    weights.forEach(turned::putIfAbsent);
    ComputationGraph copy = FreshNetworks.of(spec, 2);
    KerasWeights.copy(file(turned), copy, "m.h5");
    assertThat(copy.params().sub(source.params()).amaxNumber().doubleValue()).isZero();
  }

  @Test
  void whatIsLeftOverOnEitherSideIsNamed() {
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 16).withInput(32, 32);
    ComputationGraph network = FreshNetworks.of(spec, 1);
    Map<String, Map<String, Tensor>> less = saved(network);
    less.remove("stem1_bn");
    assertThatThrownBy(() -> KerasWeights.copy(file(less), network, "m.h5"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("needs a normalisation of")
        .hasMessageContaining("the file has none left");
    Map<String, Map<String, Tensor>> more = saved(network);
    more.remove("embedding");
    more.remove("arcface");
    put(more, "predictions", "kernel", Nd4j.ones(7, 9));
    assertThatThrownBy(() -> KerasWeights.copy(file(more), network, "m.h5"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'predictions' have no place");
    put(more, "attention", "query", Nd4j.ones(7, 9));
    assertThatThrownBy(() -> KerasWeights.copy(file(more), network, "m.h5"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'attention' has weights [query] of no known kind");
  }

  @Test
  void layersSideBySideAreToldByTheirNumbersOrRefused() {
    Map<String, List<String>> diamond =
        Map.of(
            "left", List.of("in"),
            "right", List.of("in"),
            "sum", List.of("left", "right"));
    for (List<String> good :
        List.of(
            List.of("conv2d", "conv2d_1"),
            List.of("conv2d_9", "conv2d_10"),
            List.of("block1_0_conv", "block1_3_conv"))) {
      Assignments assignments = new Assignments(diamond);
      assignments.add("left", "k", good.get(0));
      assignments.add("right", "k", good.get(1));
      assignments.add("sum", "k", "any");
      assignments.check("m.h5");
    }
    Assignments unclear = new Assignments(diamond);
    unclear.add("left", "k", "conv2d");
    unclear.add("right", "k", "block2_sepconv1");
    assertThatThrownBy(() -> unclear.check("m.h5"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'conv2d' and 'block2_sepconv1' have one shape")
        .hasMessageContaining("'left' and 'right'");
  }
}
