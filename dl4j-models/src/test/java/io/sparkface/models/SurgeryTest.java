package io.sparkface.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.models.kernels.Activation;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Changes to a network and its head (spec sections 3.2 and 3.7). */
class SurgeryTest {
  private static final int SIZE = 56;

  private static NetworkSpec small(String backbone) {
    return NetworkSpec.of(backbone, "GDC", 32).withInput(SIZE, SIZE);
  }

  private static INDArray embedding(ComputationGraph net, DataSet faces) {
    return net.output(List.of("embedding"), false, new INDArray[] {faces.getFeatures()}, null)[0];
  }

  @ParameterizedTest
  @CsvSource({
    "mobilenetv2, PRELU", "mobilenetv2, SWISH", "mobilenetv2, ACON_C", "mobilenetv3_small, PRELU",
    "resnet50, PRELU", "se_r18, SWISH", "densenet121, PRELU", "vargface, PRELU"
  })
  void everyReluIsReplaced(String backbone, Activation other) {
    Surgery surgery = Surgery.NONE.withInsteadOfRelu(other);
    String plain = configuration(small(backbone));
    String changed = configuration(small(backbone).with(surgery));
    assertThat(plain).containsAnyOf("\"RELU\"", "\"RELU6\"");
    assertThat(changed).doesNotContain("\"RELU6\"").contains("\"" + other + "\"");
    long more =
        NetworkFacts.of(small(backbone).with(surgery)).trainable()
            - NetworkFacts.of(small(backbone)).trainable();
    assertThat(more > 0).isEqualTo(other != Activation.SWISH);
  }

  private static String configuration(NetworkSpec spec) {
    GraphBuilder graph = new NeuralNetConfiguration.Builder().graphBuilder().addInputs("images");
    return graph
        .setOutputs(Networks.addBackboneTo(graph, spec, "images").vertex())
        .build()
        .toJson();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PRELU", "ACON_C"})
  void whatStandsForReluLearns(Activation other) {
    Surgery surgery = Surgery.NONE.withInsteadOfRelu(other);
    ComputationGraph net = NetworksTest.classifier(small("mobilenetv2").with(surgery));
    DataSet faces = NetworksTest.faces(SIZE);
    double first = net.score(faces, true);
    for (int step = 0; step < 10; step++) {
      net.fit(faces);
    }
    assertThat(net.score()).isLessThan(first);
  }

  @Test
  void weightsGoFromRandomDepthToAllOfIt() {
    DataSet faces = NetworksTest.faces(SIZE);
    ComputationGraph random =
        NetworksTest.classifier(small("mobilenetv2").with(Surgery.NONE.withSurvival(1, 0.5)));
    for (int step = 0; step < 3; step++) {
      random.fit(faces);
    }
    ComputationGraph whole = NetworksTest.classifier(small("mobilenetv2"));
    whole.setParams(random.params());
    INDArray expected = embedding(random, faces);
    // branches count with their probability in the one, whole in the other
    assertThat(embedding(whole, faces).equalsWithEps(expected, 1e-3)).isFalse();
    ComputationGraph again =
        NetworksTest.classifier(small("mobilenetv2").with(Surgery.NONE.withSurvival(1, 0.5)));
    again.setParams(whole.params());
    assertThat(embedding(again, faces).equalsWithEps(expected, 1e-6)).isTrue();
    assertThatThrownBy(() -> Surgery.NONE.withSurvival(0.5, 0.2)).isInstanceOf(UserError.class);
  }

  @Test
  void anotherNormalisationKeepsLoadedWeights() {
    DataSet faces = NetworksTest.faces(SIZE);
    ComputationGraph usual = NetworksTest.classifier(small("se_mobilefacenet"));
    usual.fit(faces);
    NetworkSpec other = new NetworkSpec("se_mobilefacenet", "GDC", 32, 0, SIZE, SIZE, 0.5, 0.01);
    ComputationGraph changed = NetworksTest.classifier(other);
    changed.setParams(usual.params());
    assertThat(changed.params()).isEqualTo(usual.params());
    INDArray before = embedding(usual, faces);
    double moved = embedding(changed, faces).sub(before).norm2Number().doubleValue();
    assertThat(moved / before.norm2Number().doubleValue()).isGreaterThan(0.001);
    assertThat(configuration(other)).contains("0.5").contains("0.01");
  }

  @ParameterizedTest
  @CsvSource({
    // of 128 channels of mobilefacenet's map: kernel, gamma, beta, both statistics
    "0, RELU, false, true, 0",
    "64, RELU, false, true, 8448",
    "-1, PRELU, false, true, 8512",
    "0, RELU, true, true, 32",
    "0, RELU, false, false, -32"
  })
  void headsHaveTheirOptions(
      int pointwise, Activation act, boolean bias, boolean scale, long difference) {
    NetworkSpec plain = small("mobilefacenet");
    NetworkSpec changed = plain.with(new HeadOptions(pointwise, act, bias, scale));
    ComputationGraph net = NetworksTest.classifier(changed);
    long fewer = pointwise == 0 ? 0 : 64 * (4 * 4 + 4 + 32);
    assertThat(net.numParams() - NetworksTest.classifier(plain).numParams() + fewer)
        .isEqualTo(difference);
    DataSet faces = NetworksTest.faces(SIZE);
    net.fit(faces);
    assertThat(embedding(net, faces).isNaN().any()).isFalse();
  }

  @Test
  void embeddingsAreFloat32() {
    ComputationGraph net = NetworksTest.classifier(small("mobilenetv3_small"));
    assertThat(embedding(net, NetworksTest.faces(SIZE)).dataType()).isEqualTo(DataType.FLOAT);
  }
}
