package io.sparkface.models.interop.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sparkface.base.UserError;
import io.sparkface.models.interop.Damage;
import io.sparkface.models.interop.SamplePixels;
import io.sparkface.models.interop.onnx.OnnxModel;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that Keras and h5py wrote, with the outputs Keras gave. */
class KerasModelTest {
  private static final float[][] EXPECTED = {
    {-0.9708085f, 0.0029313266f, 2.6518722f, 0.476247f, 2.5862346f, 1.4926779f},
    {-0.9417546f, -0.004151985f, 2.6555207f, 0.46651053f, 2.6250105f, 1.528861f}
  };

  /** With Keras 2's hard_sigmoid, clip(0.2 x + 0.5). */
  private static final float[][] EXPECTED_OF_KERAS_2 = {
    {-0.93018574f, 0.008483842f, 2.6739712f, 0.46489292f, 2.58782f, 1.5096908f},
    {-0.89532095f, -1.6242266e-5f, 2.6783493f, 0.45320892f, 2.6343508f, 1.5531098f}
  };

  private static byte[] file(String name) throws IOException {
    try (InputStream in = KerasModelTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** Two NHWC pictures: sample i is ((37 i + i / 7) mod 256 - 127.5) / 128. */
  private static float[][] run(OnnxModel model, int side) {
    float[] values = SamplePixels.scaled(2 * side * side * 3);
    try (OnnxNetwork network = OnnxNetwork.open(model, "test", 1)) {
      return network.first(new OnnxNetwork.Values(new long[] {2, side, side, 3}, values)).rows();
    }
  }

  private static void assertClose(float[][] found, float[][] expected) {
    assertThat(found).hasDimensions(expected.length, expected[0].length);
    for (int i = 0; i < expected.length; i++) {
      for (int d = 0; d < expected[i].length; d++) {
        assertThat(found[i][d]).isCloseTo(expected[i][d], within(1e-5f));
      }
    }
  }

  /** Most kinds of layers there are in one small network with the original's head. */
  @Test
  void aModelSavedByKeras3GivesItsOutputs() throws IOException {
    assertClose(run(KerasModel.read(file("keras3.h5"), "keras3.h5"), 16), EXPECTED);
  }

  /** The same network in Keras 2's layout, with a margin head behind the embedding. */
  @Test
  void aModelSavedByKeras2IsCutAtItsEmbedding() throws IOException {
    assertClose(run(KerasModel.read(file("keras2.h5"), "keras2.h5"), 16), EXPECTED_OF_KERAS_2);
  }

  @Test
  void aSequentialModelIsRead() throws IOException {
    assertClose(
        run(KerasModel.read(file("sequential.h5"), "s.h5"), 8),
        new float[][] {{0.59042325f, 0.11804429f}, {0.59522487f, 0.11710351f}});
  }

  /** A functional model and a sequential one in a third, with two layers of one name in them. */
  @ParameterizedTest
  @ValueSource(strings = {"nested2.h5", "nested3.h5"})
  void modelsWithinAModelAreRead(String name) throws IOException {
    assertClose(
        run(KerasModel.read(file(name), name), 16),
        new float[][] {
          {-1.0274125f, -0.6020034f, 0.98965f, -1.809747f, 2.1091125f},
          {-0.9557463f, -0.6293825f, 0.9546846f, -1.6941159f, 1.9624091f}
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
lambda.h5         | 'r1' (Lambda) carries Python code
weights_only.h5   | weights without a graph
keras3.weights.h5 | Keras 3's .weights.h5 layout, which numbers weights and does not name them
wrong_shape.h5    | needs 'kernel' of [3, 3, 3, 2], it is 3x3x6x1
missing_weight.h5 | 'c' (Conv2D) has no weights 'bias'
missing_layer.h5  | the layer 'gone' is missing
compressed.h5     | 'c/kernel:0' lies in chunks
external_link.h5  | 'kernel:0' in /model_weights/c/c/ is a link
circular_link.h5  | 'c' in /model_weights/ is a link
""")
  void whatIsWrongIsNamed(String name, String problem) {
    assertThatThrownBy(() -> KerasModel.read(file(name), name))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(problem)
        .hasMessageContaining(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sequential.h5", "weights_only.h5", "nested3.h5"})
  void damagedFilesAreRefusedOrRead(String name) throws IOException {
    Damage.of(file(name), 7, 400).forEach(this::bytesGiveAModelOrAUserError);
  }

  @FuzzTest(maxDuration = "10s")
  void bytesGiveAModelOrAUserError(byte[] bytes) {
    try {
      KerasModel.read(bytes, "fuzz");
    } catch (UserError expected) {
      // the only way to fail
    }
  }
}
