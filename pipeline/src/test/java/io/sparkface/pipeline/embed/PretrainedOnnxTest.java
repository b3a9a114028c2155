package io.sparkface.pipeline.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.datasets.verification.VerificationBin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainedOnnxTest {
  private static final Configuration HADOOP = new Configuration();

  @ParameterizedTest
  @ValueSource(strings = {"MobileFaceNet.onnx", "mobilefacenet_opset11.onnx"})
  void givesTheEmbeddingsOfAnIndependentRun(String file) throws IOException {
    Path model = Fixtures.path("models/mobilefacenet_onnx/" + file);
    List<String> lines =
        Files.readAllLines(Fixtures.path("expected/foamliu_onnx_embeddings_112.csv"));
    List<RgbImage> faces = new ArrayList<>();
    try (InputStream in = Files.newInputStream(Fixtures.path("bin/small_lfw.bin"))) {
      for (FacePair pair : VerificationBin.read(in, "small_lfw.bin")) {
        faces.add(ImageDecoder.decode(pair.first(), "first"));
        faces.add(ImageDecoder.decode(pair.second(), "second"));
      }
    }
    try (Embedder embedder = Embedder.open(model.toString(), Normalisation.IMAGENET, HADOOP)) {
      assertThat(embedder.width()).isEqualTo(128);
      float[][] found = embedder.embed(faces);
      for (int i = 0; i < found.length; i++) {
        String[] expected = lines.get(i + 1).split(",");
        assertThat(expected[0]).isEqualTo("small_lfw.bin#" + i);
        for (int d = 0; d < 128; d++) {
          assertThat((double) found[i][d])
              .isCloseTo(Double.parseDouble(expected[d + 2]), within(1e-4));
        }
      }
    }
  }

  @Test
  void aMissingOrDamagedFileIsNamed(@TempDir Path folder) throws IOException {
    Path damaged = Files.writeString(folder.resolve("damaged.onnx"), "no model");
    for (Path path : List.of(damaged, folder.resolve("absent.onnx"))) {
      assertThatThrownBy(() -> Embedder.open(path.toString(), Normalisation.FACE, HADOOP))
          .isInstanceOf(UserError.class)
          .hasMessageContaining(path.getFileName().toString());
    }
  }

  /** Its maps of several sizes do not meet at 112 pixels. */
  @Test
  void aDetectorIsNoFaceNetworkAndNamed() {
    String detector = Fixtures.path("models/yunet_n_dynamic.onnx").toString();
    assertThatThrownBy(() -> Embedder.open(detector, Normalisation.FACE, HADOOP))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("cannot run the model on [1, 3, 112, 112]")
        .hasMessageContaining("yunet_n_dynamic.onnx");
  }
}
