package io.sparkface.models.interop.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.Surgery;
import io.sparkface.models.kernels.Activation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import onnx.OnnxMl.OperatorSetIdProto;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class Int8Test {
  private static OnnxNetwork.Values images(int seed, int count, NetworkSpec spec) {
    Nd4j.getRandom().setSeed(seed);
    INDArray values =
        Nd4j.rand(DataType.FLOAT, count, 3, spec.height(), spec.width()).subi(0.5).muli(2);
    return new OnnxNetwork.Values(values.shape(), values.reshape(values.length()).toFloatVector());
  }

  private static float[][] run(OnnxModel model, OnnxNetwork.Values images) {
    OnnxModel read = OnnxModel.read(model.bytes(), "memory");
    try (OnnxNetwork network = OnnxNetwork.open(read, "memory", 1)) {
      return network.first(images).rows();
    }
  }

  private static double leastCosine(float[][] found, float[][] expected) {
    double least = 1;
    for (int i = 0; i < expected.length; i++) {
      least = Math.min(least, NetworkExportTest.cosine(found[i], expected[i]));
    }
    return least;
  }

  private static OnnxModel folded(NetworkSpec spec) {
    ComputationGraph network = NetworkExportTest.network(spec);
    return BatchNormFolding.of(
        NetworkExport.of(network, spec, PixelInput.NORMALISED, Optional.empty()));
  }

  /** Calibrated on other images than it is checked on. */
  @ParameterizedTest
  @CsvSource({
    "mobilefacenet,GDC,PRELU",
    "mobilefacenet,GDC,RELU",
    "r18,E,PRELU",
    "iresnet18,E,PRELU",
    "mobilenet,GAP,RELU"
  })
  void embeddingsKeepTheirDirection(String backbone, String head, Activation activation) {
    NetworkSpec spec =
        NetworkSpec.of(backbone, head, 64)
            .withInput(48, 48)
            .with(Surgery.NONE.withInsteadOfRelu(activation));
    OnnxModel model = folded(spec);
    OnnxNetwork.Values images = images(2, 8, spec);
    float[][] expected = run(model, images);
    ValueRanges ranges = ValueRanges.of(model, List.of(images(1, 16, spec)), "memory");
    OnnxModel integers = Int8.of(model, ranges, "memory");
    assertThat(leastCosine(run(integers, images), expected)).isGreaterThan(0.99);
    assertThat(integers.bytes().length).isLessThan(model.bytes().length * 35 / 100);
    OnnxModel weights = Int8.weightsOf(model, "memory");
    assertThat(leastCosine(run(weights, images), expected)).isGreaterThan(0.99);
    assertThat(weights.operators()).doesNotContainKey("QuantizeLinear");
  }

  /** ReLU6 leaves 0..6 of what the convolution gives: all 255 steps lie there. */
  @Test
  void whatAnActivationCutsOffTakesNoSteps() {
    OnnxGraph graph = new OnnxGraph("g");
    String value = graph.input("image", 1, 1, 1, 1);
    for (String layer : List.of("a", "b", "c", "d")) {
      String kernel = graph.weights(layer + "_kernel", new float[] {100}, 1, 1, 1, 1);
      value = graph.add("Conv", layer + "_conv", List.of(value, kernel));
      List<String> bounds =
          List.of(value, graph.scalar(layer + "_least", 0), graph.scalar(layer + "_most", 6));
      value = graph.add("Clip", layer, bounds);
    }
    graph.output(value, 1, 1, 1, 1);
    OnnxModel model = graph.model();
    assertThat(Int8.quantised(model)).containsExactly("image", "a");
    float[] one = {1};
    ValueRanges ranges =
        ValueRanges.of(
            model, List.of(new OnnxNetwork.Values(new long[] {1, 1, 1, 1}, one)), "memory");
    OnnxModel integers = Int8.of(model, ranges, "memory");
    assertThat(integers.operators())
        .isEqualTo(Map.of("QuantizeLinear", 2, "DequantizeLinear", 6, "Conv", 4, "Clip", 4));
  }

  @Test
  void modelsWithoutKernelsOrOfOldOperatorsAreRefused() {
    OnnxGraph graph = new OnnxGraph("g");
    graph.output(graph.add("Relu", "y", graph.input("x", 1)), 1);
    assertThatThrownBy(() -> Int8.weightsOf(graph.model(), "x.onnx"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no convolutions");
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 4).withInput(32, 32);
    var proto = folded(spec).proto().toBuilder();
    proto.setOpsetImport(0, OperatorSetIdProto.newBuilder().setVersion(11));
    assertThatThrownBy(() -> Int8.weightsOf(new OnnxModel(proto.build()), "x.onnx"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("operator set 11, int8 needs 13");
  }
}
