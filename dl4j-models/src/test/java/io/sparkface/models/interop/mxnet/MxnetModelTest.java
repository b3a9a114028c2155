package io.sparkface.models.interop.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.onnx.OnnxModel;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every operator against its formula, worked out by hand over pictures of 3 channels, 2x2. */
class MxnetModelTest {
  /** Channel c, position i: c - 1 + i / 10. */
  private static final float[] PIXELS = {
    -1, -0.9f, -0.8f, -0.7f, 0, 0.1f, 0.2f, 0.3f, 1, 1.1f, 1.2f, 1.3f
  };

  private static float[] run(MxnetFiles files) {
    OnnxModel model = MxnetModel.read(files.symbol(), files.params(), "test");
    try (OnnxNetwork network = OnnxNetwork.open(model, "test", 1)) {
      return network
          .first(new OnnxNetwork.Values(new long[] {1, 3, 2, 2}, PIXELS.clone()))
          .values();
    }
  }

  private static void assertValues(float[] found, double... expected) {
    assertThat(found).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(1e-5));
    }
  }

  private static double[] each(java.util.function.DoubleUnaryOperator function) {
    double[] values = new double[PIXELS.length];
    Arrays.setAll(values, i -> function.applyAsDouble(PIXELS[i]));
    return values;
  }

  private static MxnetFiles normalisation(String attributes) {
    return new MxnetFiles()
        .array("arg", "gamma", new long[] {3}, 2, 3, 4)
        .array("arg", "beta", new long[] {3}, 0.5f, 0, -1)
        .array("aux", "mean", new long[] {3}, 0.1f, 0.2f, 0.3f)
        .array("aux", "var", new long[] {3}, 1, 4, 9)
        .node("BatchNorm", attributes, 4);
  }

  @Test
  void batchNormWithFixedGammaTakesItAsOne() {
    double[] expected = new double[12];
    double[] beta = {0.5, 0, -1};
    double[] mean = {0.1, 0.2, 0.3};
    double[] variance = {1, 4, 9};
    for (int i = 0; i < 12; i++) {
      int c = i / 4;
      expected[i] = (PIXELS[i] - mean[c]) / Math.sqrt(variance[c] + 1e-3) + beta[c];
    }
    // both are MXNet's defaults
    assertValues(run(normalisation("")), expected);
    double[] gamma = {2, 3, 4};
    for (int i = 0; i < 12; i++) {
      int c = i / 4;
      expected[i] = (PIXELS[i] - mean[c]) / Math.sqrt(variance[c] + 2e-5) * gamma[c] + beta[c];
    }
    assertValues(run(normalisation("'fix_gamma': 'False', 'eps': '2e-05'")), expected);
  }

  @Test
  void leakyReluKinds() {
    assertValues(
        run(
            new MxnetFiles()
                .array("arg", "gamma", new long[] {3}, 0.1f, 0.2f, 0.3f)
                .node("LeakyReLU", "'act_type': 'prelu'", 1)),
        each(x -> x > 0 ? x : 0.1 * x));
    assertValues(run(new MxnetFiles().node("LeakyReLU", "", 0)), each(x -> x > 0 ? x : 0.25 * x));
    assertValues(
        run(new MxnetFiles().node("LeakyReLU", "'act_type': 'elu', 'slope': '0.5'", 0)),
        each(x -> x > 0 ? x : 0.5 * Math.expm1(x)));
  }

  @ParameterizedTest
  @CsvSource({
    "_mul_scalar, -2, 0",
    "_minus_scalar, -1.5, -0.5",
    "_plus_scalar, -0.5, 0.5",
    "_div_scalar, -2, 0",
    "_rminus_scalar, 1.5, 0.5"
  })
  void scalars(String op, double first, double fifth) {
    String scalar =
        switch (op) {
          case "_mul_scalar" -> "2";
          case "_div_scalar" -> "0.5";
          default -> "0.5";
        };
    float[] found = run(new MxnetFiles().node(op, "'scalar': '" + scalar + "'", 0));
    assertThat((double) found[0]).isCloseTo(first, within(1e-6));
    assertThat((double) found[4]).isCloseTo(fifth, within(1e-6));
  }

  @Test
  void fullyConnectedFlattensByChannels() {
    float[] weight = new float[24];
    weight[4] = 1;
    weight[12 + 8] = 2;
    assertValues(
        run(
            new MxnetFiles()
                .array("arg", "w", new long[] {2, 12}, weight)
                .array("arg", "b", new long[] {2}, 10, 20)
                .node("FullyConnected", "'num_hidden': '2'", 2)),
        10,
        22);
  }

  @Test
  void flattenDropoutAndActivations() {
    assertValues(run(new MxnetFiles().node("Flatten", "", 0)), each(x -> x));
    assertValues(run(new MxnetFiles().node("Dropout", "'p': '0.4'", 0)), each(x -> x));
    assertValues(
        run(new MxnetFiles().node("Activation", "'act_type': 'relu'", 0)),
        each(x -> Math.max(x, 0)));
    assertValues(
        run(new MxnetFiles().node("Activation", "'act_type': 'softrelu'", 0)),
        each(x -> Math.log1p(Math.exp(x))));
    assertValues(
        run(new MxnetFiles().node("clip", "'a_min': '-0.5', 'a_max': '1.0'", 0)),
        each(x -> Math.min(Math.max(x, -0.5), 1)));
  }

  @Test
  void convolutions() {
    assertValues(
        run(
            new MxnetFiles()
                .array("arg", "w", new long[] {1, 3, 1, 1}, 1, 2, 3)
                .array("arg", "b", new long[] {1}, 0.5f)
                .node("Convolution", "'kernel': '(1, 1)', 'num_filter': '1'", 2)),
        -1 + 0 + 3 + 0.5,
        -0.9 + 0.2 + 3.3 + 0.5,
        -0.8 + 0.4 + 3.6 + 0.5,
        -0.7 + 0.6 + 3.9 + 0.5);
    assertValues(
        run(
            new MxnetFiles()
                .array("arg", "w", new long[] {3, 1, 2, 2}, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1)
                .node(
                    "Convolution",
                    "'kernel': '(2, 2)', 'stride': '(2,2)', 'pad': '(1,1)', 'num_filter': '3',"
                        + " 'num_group': '3', 'no_bias': 'True'",
                    1)),
        // windows start at -1 and 1: each sees one pixel of its own, at kernel positions 3 2 1 0
        0,
        0,
        0,
        -0.7,
        0,
        0,
        0.2,
        0,
        1,
        0,
        0,
        0);
  }

  @Test
  void pooling() {
    assertValues(
        run(new MxnetFiles().node("Pooling", "'global_pool': 'True', 'pool_type': 'avg'", 0)),
        -0.85,
        0.15,
        1.15);
    assertValues(
        run(
            new MxnetFiles()
                .node(
                    "Pooling",
                    "'kernel': '(2,2)', 'stride': '(2,2)', 'pad': '(1,1)', 'pool_type': 'avg'",
                    0)),
        // MXNet counts the border
        each(x -> x / 4));
    assertValues(
        run(new MxnetFiles().node("Pooling", "'kernel': '(2,2)', 'pool_type': 'max'", 0)),
        -0.7,
        0.3,
        1.3);
  }

  @Test
  void whatDoesNotFitIsNamed() {
    MxnetFiles wrong =
        new MxnetFiles()
            .array("arg", "w", new long[] {1, 2, 1, 1}, 1, 2)
            .node("Convolution", "'kernel': '(1, 1)', 'num_filter': '1', 'no_bias': 'True'", 1);
    assertThatThrownBy(() -> run(wrong))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'out' (Convolution)")
        .hasMessageContaining("'w' of [1, 3, 1, 1], it is 1x2x1x1");
    MxnetFiles unknown = new MxnetFiles().node("Custom", "'op_type': 'mine'", 0);
    assertThatThrownBy(() -> run(unknown))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("(Custom)");
    MxnetFiles missing =
        new MxnetFiles()
            .array("arg", "w", new long[] {3}, 1, 2, 3)
            .node("LeakyReLU", "'act_type': 'prelu'", 1);
    assertThatThrownBy(() -> MxnetModel.read(missing.symbol(), MxnetFiles.params(Map.of()), "m"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'w'")
        .hasMessageContaining("lacks");
  }

  @Test
  void damagedParametersAreRefused() {
    byte[] whole = MxnetFiles.params(Map.of("arg:w", new Tensor(new long[] {2}, new float[2])));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> ParamsFile.read(cut, "cut.params"))
          .as("%d bytes", length)
          .isInstanceOf(UserError.class);
    }
    assertThatThrownBy(() -> ParamsFile.read(Arrays.copyOf(whole, whole.length + 1), "long.params"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("follow the last name");
    byte[] huge = whole.clone();
    // the array's size
    Arrays.fill(huge, 36, 43, (byte) 0xFF);
    assertThatThrownBy(() -> ParamsFile.read(huge, "huge.params")).isInstanceOf(UserError.class);
  }

  @FuzzTest(maxDuration = "10s")
  void parametersGiveArraysOrAUserError(byte[] bytes) {
    try {
      ParamsFile.read(bytes, "fuzz");
    } catch (UserError expected) {
      // the only way to fail
    }
  }

  @FuzzTest(maxDuration = "10s")
  void symbolsGiveAModelOrAUserError(byte[] bytes) {
    try {
      MxnetModel.read(bytes, MxnetFiles.params(Map.of()), "fuzz");
    } catch (UserError expected) {
      // the only way to fail
    }
  }

  @Test
  void symbolsThatAreNoneAreRefused() {
    for (String text :
        new String[] {
          "",
          "[]",
          "{\"nodes\": []}",
          "{\"nodes\": [{\"op\": 3}]}",
          "{\"nodes\": [{\"op\": \"relu\", \"name\": \"a\", \"inputs\": [[0, 0]]}], \"heads\": [[0]]}"
        }) {
      assertThatThrownBy(() -> Symbol.read(text.getBytes(StandardCharsets.UTF_8), "x"))
          .as(text)
          .isInstanceOf(UserError.class);
    }
  }
}
