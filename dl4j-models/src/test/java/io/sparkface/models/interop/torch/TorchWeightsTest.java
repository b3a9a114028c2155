package io.sparkface.models.interop.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import io.sparkface.models.NetworkSpec;
import io.sparkface.models.interop.Chance;
import io.sparkface.models.interop.Damage;
import io.sparkface.models.interop.FreshNetworks;
import io.sparkface.models.interop.SamplePixels;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.onnx.OnnxModel;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Files that PyTorch and safetensors wrote. */
class TorchWeightsTest {
  private static byte[] file(String name) throws IOException {
    try (InputStream in = TorchWeightsTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void viewsAndKindsOfNumbersAreRead() throws IOException {
    Map<String, Tensor> found = TorchWeights.read(file("kinds.pth"), "kinds.pth");
    // module. is undone, integers are left out
    assertThat(found.keySet()).containsExactly("a.weight", "b", "c", "d");
    // t = arange(24).reshape(4, 6): t[1:3, 1:4] transposed
    assertThat(found.get("a.weight"))
        .isEqualTo(new Tensor(new long[] {3, 2}, new float[] {7, 13, 8, 14, 9, 15}));
    assertThat(found.get("b").values()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(found.get("c").values()).containsExactly(6, 7, 8, 9, 10, 11);
    assertThat(found.get("d").values()).containsExactly(12, 13, 14, 15, 16, 17);
  }

  /** arcface_torch's MobileFaceNet, narrowed, beside what PyTorch gave for it. */
  @ParameterizedTest
  @ValueSource(strings = {"mbf.pth", "mbf.safetensors"})
  void mobileFaceNetGivesPyTorchsEmbedding(String name) throws IOException {
    Map<String, Tensor> state = TorchWeights.read(file(name), name);
    assertThat(TorchMobileFaceNet.fits(state)).isTrue();
    OnnxModel model = TorchMobileFaceNet.of(state, name);
    float[] pixels = SamplePixels.scaled(3 * 112 * 112);
    try (OnnxNetwork network = OnnxNetwork.open(model, name, 1)) {
      float[] found =
          network.first(new OnnxNetwork.Values(new long[] {1, 3, 112, 112}, pixels)).values();
      float[] expected = {-3.0263731f, -9.721155f, -6.8592868f, 0.94037867f, -10.976981f};
      for (int i = 0; i < expected.length; i++) {
        assertThat(found[i]).isCloseTo(expected[i], within(1e-4f));
      }
    }
    Map<String, Tensor> less = new LinkedHashMap<>(state);
    less.remove("layers.3.layers.1.layers.1.layers.1.running_var");
    assertThatThrownBy(() -> TorchMobileFaceNet.of(less, name))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'layers.3.layers.1.layers.1.layers.1.running_var' are missing");
  }

  /** Weights of a mobilefacenet under Sparkface's own naming: each kernel turned to PyTorch's. */
  @Test
  void anyNetworkTakesWeightsUnderItsOwnNames() {
    NetworkSpec spec = NetworkSpec.of("mobilefacenet", "GDC", 8).withInput(32, 32);
    ComputationGraph source = FreshNetworks.of(spec, 1);
    Map<String, Tensor> state = StateDicts.ofOwnNames(source);
    ComputationGraph copy = FreshNetworks.of(spec, 2);
    assertThat(copy.params()).isNotEqualTo(source.params());
    TorchNetwork.copy(state, copy, "w.pth");
    INDArray difference = copy.params().sub(source.params());
    assertThat(difference.amaxNumber().doubleValue()).isZero();

    Map<String, Tensor> more = new LinkedHashMap<>(state);
    more.put("head.weight", new Tensor(new long[] {1}, new float[1]));
    assertThatThrownBy(() -> TorchNetwork.copy(more, copy, "w.pth"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'head.weight' have no place");
    more.remove("head.weight");
    more.put("stem1.conv.weight", new Tensor(new long[] {64, 3, 1, 1}, new float[192]));
    assertThatThrownBy(() -> TorchNetwork.copy(more, copy, "w.pth"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'stem1.conv.weight' are 64x3x1x1, the network needs 64x3x3x3");
    more.remove("stem1.conv.weight");
    assertThatThrownBy(() -> TorchNetwork.copy(more, copy, "w.pth"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'stem1.conv.weight' are missing");
  }

  /**
   * arcface_torch's iresnet18 with weights by a formula, beside what a network of its naming gave
   * in PyTorch 2.13 with the same weights.
   */
  @Test
  void iresnetGivesPyTorchsEmbedding() {
    Map<String, Tensor> state = arcfaceTorchState();
    NetworkSpec spec = TorchNetwork.network(state).orElseThrow();
    assertThat(spec.backbone()).isEqualTo("iresnet18");
    ComputationGraph network = FreshNetworks.of(spec, 1);
    TorchNetwork.copy(state, network, "iresnet18.pth");
    float[] pixels = SamplePixels.scaled(3 * 112 * 112);
    INDArray nchw = Nd4j.createFromArray(pixels).reshape('c', 1, 3, 112, 112);
    float[] found =
        network.outputSingle(nchw.permute(0, 2, 3, 1).dup('c')).reshape(16).toFloatVector();
    float[] expected = {
      0.39875862f,
      0.16988663f,
      -0.2379848f,
      -0.395980f,
      0.25704709f,
      0.06087849f,
      0.36299124f,
      -0.02750156f,
      -0.28420421f,
      0.20653938f,
      -0.04633822f,
      -0.10093691f,
      0.20936455f,
      0.37265137f,
      -0.04016526f,
      -0.03846019f
    };
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(1e-5f));
    }
  }

  private static Map<String, Tensor> arcfaceTorchState() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    put(state, "conv1.weight", 64, 3, 3, 3);
    putNormalisation(state, "bn1", 64);
    put(state, "prelu.weight", 64);
    long in = 64;
    for (int stage = 1; stage <= 4; stage++) {
      long out = 32L << stage;
      for (int unit = 0; unit < 2; unit++) {
        String name = "layer" + stage + "." + unit + ".";
        putNormalisation(state, name + "bn1", in);
        put(state, name + "conv1.weight", out, in, 3, 3);
        putNormalisation(state, name + "bn2", out);
        put(state, name + "prelu.weight", out);
        put(state, name + "conv2.weight", out, out, 3, 3);
        putNormalisation(state, name + "bn3", out);
        if (unit == 0) {
          put(state, name + "downsample.0.weight", out, in, 1, 1);
          putNormalisation(state, name + "downsample.1", out);
        }
        in = out;
      }
    }
    putNormalisation(state, "bn2", 512);
    put(state, "fc.weight", 16, 512 * 49);
    put(state, "fc.bias", 16);
    putNormalisation(state, "features", 16);
    return state;
  }

  private static void putNormalisation(Map<String, Tensor> state, String name, long channels) {
    for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
      put(state, name + "." + part, channels);
    }
  }

  private static void put(Map<String, Tensor> state, String name, long... shape) {
    double[] chance = Chance.of(name, Tensor.count(shape));
    float[] values = new float[chance.length];
    double fanIn = chance.length / (double) shape[0];
    for (int i = 0; i < values.length; i++) {
      double value = chance[i];
      if (shape.length > 1) {
        value = value / Math.sqrt(fanIn);
      } else if (name.endsWith("running_var")) {
        value = 1 + 0.5 * value;
      } else if (name.contains("prelu")) {
        value = 0.25 + 0.1 * value;
      } else {
        value = name.endsWith(".weight") ? 1 + 0.3 * value : 0.2 * value;
      }
      values[i] = (float) value;
    }
    state.put(name, new Tensor(shape, values));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          code.pth | 'posix.system', which is not data
          bomb.pth | 'archive/data.pkl' is compressed
          """)
  void hostileFilesAreRefused(String name, String problem) {
    assertThatThrownBy(() -> TorchWeights.read(file(name), name))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(problem)
        .hasMessageContaining(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kinds.pth", "mbf.safetensors"})
  void damagedFilesAreRefusedOrRead(String name) throws IOException {
    Damage.of(file(name), 3, 2000).forEach(this::bytesGiveWeightsOrAUserError);
  }

  @FuzzTest(maxDuration = "10s")
  void bytesGiveWeightsOrAUserError(byte[] bytes) {
    try {
      TorchWeights.read(bytes, "fuzz");
    } catch (UserError expected) {
      // the only way to fail
    }
  }
}
