package io.sparkface.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.models.BackboneOptions.Shortcut;
import io.sparkface.models.backbones.FeatureMap;
import io.sparkface.models.kernels.Activation;
import io.sparkface.models.layers.BlockLayer;
import io.sparkface.models.layers.ParameterBlock;
import io.sparkface.models.layers.ParameterBlock.Part;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Every family computes what an independent implementation computes from the same weights: the map
 * in training mode (batch statistics), the gradient of the first convolution behind the whole
 * backward pass, and the map in inference mode with the batch's statistics.
 *
 * <p>The values in {@code reference.txt} were made once in float64: keras.applications 3.15 for its
 * families; Keras_insightface's own {@code backbones} for mobilefacenet, ghostnet (with Keras 2's
 * hard sigmoid), vargface and r…; its former {@code backbones/botnet.py} with the attention in
 * plain einsums; keras_efficientnet_v2 with drop-connect 0; torch.nn.TransformerEncoderLayer for
 * vit; plain layers of PyTorch for iresnet and of Keras for se_resnext and mobilenet_m1. All were
 * filled by {@link FixedWeights}' formula, as were four pictures. A line is network with options,
 * what, picture size, pictures, shape, root mean square of all numbers, and 16 numbers at (2 k + 1)
 * length / 32.
 */
class ReferenceTest {
  /** Small enough for every build; all others are slow ones. */
  private static final Set<String> QUICK =
      Set.of(
          "mobilefacenet",
          "se_mobilefacenet",
          "mobilenet",
          "mobilenetv2",
          "mobilenetv3_small",
          "ghostnet",
          "vargface",
          "efficientnetv2b0",
          "se_r18",
          "botnet50",
          "vit_t");

  private static final Map<String, List<Expected>> REFERENCE = read();

  private record Expected(
      String what, int size, int batch, long[] shape, double scale, double[] values) {
    static Expected of(String[] words) {
      return new Expected(
          words[1],
          Integer.parseInt(words[2]),
          Integer.parseInt(words[3]),
          Arrays.stream(words[4].split("x")).mapToLong(Long::parseLong).toArray(),
          Double.parseDouble(words[5]),
          Arrays.stream(words).skip(6).mapToDouble(Double::parseDouble).toArray());
    }

    void matches(INDArray got, double tolerance) {
      assertThat(got.shape()).as(what).containsExactly(shape);
      INDArray flat = got.dup('c').reshape(got.length());
      double[] sampled = new double[values.length];
      Arrays.setAll(
          sampled, k -> flat.getDouble((2 * k + 1) * flat.length() / (2 * values.length)));
      assertThat(sampled).as(what).containsExactly(values, within(tolerance * scale));
      double mean = got.mul(got).meanNumber().doubleValue();
      assertThat(Math.sqrt(mean)).as(what).isCloseTo(scale, within(tolerance * scale));
    }
  }

  private static Map<String, List<Expected>> read() {
    Map<String, List<Expected>> result = new LinkedHashMap<>();
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                ReferenceTest.class.getResourceAsStream("reference.txt"),
                StandardCharsets.UTF_8))) {
      lines
          .lines()
          .map(line -> line.split(" "))
          .forEach(
              words ->
                  result
                      .computeIfAbsent(words[0], name -> new java.util.ArrayList<>())
                      .add(Expected.of(words)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return result;
  }

  static Stream<String> quick() {
    return REFERENCE.keySet().stream().filter(QUICK::contains);
  }

  static Stream<String> slow() {
    return REFERENCE.keySet().stream().filter(name -> !QUICK.contains(name));
  }

  @ParameterizedTest
  @MethodSource("quick")
  void lightFamiliesComputeTheSame(String network) {
    check(network);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("slow")
  void heavyFamiliesComputeTheSame(String network) {
    check(network);
  }

  private static void check(String network) {
    List<Expected> lines = REFERENCE.get(network);
    Expected any = lines.get(0);
    NetworkSpec spec = spec(network).withInput(any.size(), any.size());
    DataType type = type(network);
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .dataType(type)
            .updater(new NoOp())
            .graphBuilder()
            .addInputs("images");
    FeatureMap map = Networks.addBackboneTo(graph, spec, "images");
    ComputationGraph net = new ComputationGraph(graph.setOutputs(map.vertex()).build());
    // without the first values, which take longer than everything else
    net.init(Nd4j.zeros(type, 1, NetworkFacts.of(spec).parameters()), false);
    FixedWeights.fill(net);
    INDArray images = FixedWeights.pixels(any.batch(), any.size(), any.size(), 3).castTo(type);
    for (Expected expected : lines) {
      switch (expected.what()) {
        case "training" ->
            expected.matches(
                net.feedForward(new INDArray[] {images}, true, false).get(map.vertex()), 1e-4);
        case "gradient" -> {
          INDArray given =
              FixedWeights.gradient(any.batch(), map.height(), map.width(), map.channels())
                  .castTo(type);
          Gradient gradient = net.backpropGradient(given);
          // differences grow on the way back through many normalisations
          double tolerance = type == DataType.DOUBLE ? 1e-6 : 1e-2;
          expected.matches(firstKernelGradient(net, gradient), tolerance);
        }
        default -> {
          FixedWeights.takeStatistics(net);
          expected.matches(net.output(false, images)[0], 1e-4);
        }
      }
    }
  }

  /**
   * Two networks are checked in double: with these weights enough of their values lie so near a
   * bend of their activation, or so near the largest of a pool, that rounding to float decides
   * which way the gradient goes. Single numbers then come out up to 4% of the scale away.
   */
  private static DataType type(String network) {
    return Set.of("vgg16", "mobilenet_m1").contains(network) ? DataType.DOUBLE : DataType.FLOAT;
  }

  private static INDArray firstKernelGradient(ComputationGraph net, Gradient gradient) {
    String first =
        net.getConfiguration().getVertexInputs().entrySet().stream()
            .filter(vertex -> vertex.getValue().equals(List.of("images")))
            .findFirst()
            .orElseThrow()
            .getKey();
    BlockLayer block = (BlockLayer) net.getLayer(first).conf().getLayer();
    INDArray values = gradient.gradientForVariable().get(first + "_" + ParameterBlock.KEY);
    return block.block().view(values, Part.KERNEL);
  }

  /** Of a line's first word: a name, or a name, a colon and options as in a plan. */
  private static NetworkSpec spec(String network) {
    String[] parts = network.split(":");
    boolean efficient = parts[0].startsWith("efficient") || parts[0].startsWith("vit");
    BackboneOptions options =
        efficient ? BackboneOptions.USUAL.withDropConnect(0) : BackboneOptions.USUAL;
    for (String option : parts.length == 1 ? new String[0] : parts[1].split(",")) {
      String value = option.substring(option.indexOf('=') + 1);
      options =
          switch (option.substring(0, option.indexOf('='))) {
            case "activation" ->
                options.withActivation(Activation.valueOf(value.toUpperCase(Locale.ROOT)));
            case "shortcut" -> options.withShortcut(Shortcut.MAX_POOL);
            default -> options.withStemStride(Integer.parseInt(value));
          };
    }
    return NetworkSpec.of(parts[0], "F", 64).with(options);
  }
}
