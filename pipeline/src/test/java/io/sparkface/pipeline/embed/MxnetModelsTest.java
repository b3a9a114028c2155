package io.sparkface.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.interop.onnx.OnnxModel;
import io.sparkface.models.interop.onnx.OnnxNetwork;
import io.sparkface.pipeline.inspect.Inspection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * MXNet checkpoints against values of an independent program, which ran the same graphs in double
 * precision over the same picture: sample i of the NCHW picture is (37 i + i / 7) mod 256.
 */
class MxnetModelsTest {
  private static final Configuration HADOOP = new Configuration();

  private static OnnxNetwork.Values picture(int height, int width, boolean raw) {
    float[] values = new float[3 * height * width];
    for (int i = 0; i < values.length; i++) {
      float value = (37 * i + i / 7) % 256;
      values[i] = raw ? value : (value - 127.5f) * 0.0078125f;
    }
    return new OnnxNetwork.Values(new long[] {1, 3, height, width}, values);
  }

  /** The model's outputs as first values, sum and sum of squares. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          genderage_mxnet/model,0 | 112 | 112 | -0.379456 0.3709476 -5.211291 1.223423 -5.043337 0.6814865 -13.55392 -6.406161 : -57.718331 2012.13027
          mtcnn_mxnet/det1,1 | 33 | 29 | 0.1399859 0.101288 0.08750157 0.09165727 : 11.6404186 4.67984046 ; 0.9818183 0.9537316 0.9965548 0.9585878 : 120 113.84026852
          mtcnn_mxnet/det2,1 | 24 | 24 | 0.1654294 0.08160554 -0.1397335 0.03259141 : 0.13989287 0.05461398 ; 0.9968059 0.003194148 : 1 0.99363208
          mtcnn_mxnet/det3,1 | 48 | 48 | 0.3097394 0.6544611 0.3751898 0.1764325 0.4371756 0.2318312 0.3211012 0.543363 : 4.61403247 2.56860469 ; -0.001655443 -0.01604808 -0.1448505 0.1280141 : -0.03453994 0.03762957 ; 0.9997371 0.0002628585 : 1 0.99947442
          """)
  void givesTheOutputsOfAnIndependentRun(String model, int height, int width, String expected) {
    String path = Fixtures.path("models").resolve(model).toString();
    OnnxModel read = ModelFile.named(path).orElseThrow().read(HADOOP);
    String[] outputs = expected.split(";");
    try (OnnxNetwork network = OnnxNetwork.open(read, path, 1)) {
      var found =
          network.all(picture(height, width, model.startsWith("genderage"))).values().iterator();
      for (String output : outputs) {
        float[] values = found.next().values();
        String[] parts = output.strip().split(" : ");
        String[] first = parts[0].split(" ");
        for (int i = 0; i < first.length; i++) {
          assertClose(values[i], Double.parseDouble(first[i]));
        }
        double sum = 0;
        double squares = 0;
        for (float value : values) {
          sum += value;
          squares += (double) value * value;
        }
        String[] sums = parts[1].split(" ");
        assertClose(sum, Double.parseDouble(sums[0]));
        assertClose(squares, Double.parseDouble(sums[1]));
      }
      assertThat(found).isExhausted();
    }
  }

  private static void assertClose(double found, double expected) {
    assertThat(found).isCloseTo(expected, within(1e-4 * Math.max(1, Math.abs(expected))));
  }

  @Test
  void pixelsGoInRawWhateverTheCallerSays() {
    String path = Fixtures.path("models/genderage_mxnet/model-symbol.json").toString();
    String model = path.replace("-symbol.json", ",0");
    byte[] pixels = new byte[3 * 112 * 112];
    for (int i = 0; i < pixels.length; i++) {
      // RGB interleaved of the same picture
      int from = i % 3 * 112 * 112 + i / 3;
      pixels[i] = (byte) ((37 * from + from / 7) % 256);
    }
    List<RgbImage> pictures = new ArrayList<>(List.of(new RgbImage(112, 112, pixels)));
    pictures.add(pictures.get(0));
    try (Embedder embedder = Embedder.open(model, Normalisation.FACE, HADOOP)) {
      assertThat(embedder.width()).isEqualTo(202);
      float[][] found = embedder.embed(pictures);
      assertClose(found[1][0], -0.379456);
      assertClose(found[1][7], -6.406161);
    }
  }

  @Test
  void inspectNamesTheOperators() throws IOException {
    String path = Fixtures.path("models/genderage_mxnet").resolve("model,0").toString();
    Map<String, Object> shown = Inspection.of(path, HADOOP);
    assertThat(shown).containsEntry("kind", "MXNet model");
    assertThat(shown.get("operators").toString()).contains("Conv=27", "PRelu=1");
  }

  @Test
  void anEpochThatIsNotThereIsNamed() {
    String path = Fixtures.path("models/genderage_mxnet").resolve("model,7").toString();
    assertThatThrownBy(() -> Embedder.open(path, Normalisation.FACE, HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("model-0007.params");
  }
}
