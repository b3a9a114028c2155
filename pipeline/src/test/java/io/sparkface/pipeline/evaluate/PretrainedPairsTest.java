package io.sparkface.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.pipeline.embed.Embedder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/** Real faces and a network trained by others, against cosines that onnxruntime and numpy gave. */
class PretrainedPairsTest {
  private static final Configuration HADOOP = new Configuration();

  private static double[] cosines(PairSet set, PairSet.Flip flip) throws IOException {
    Path model = Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx");
    try (Embedder embedder = Embedder.open(model.toString(), Normalisation.IMAGENET, HADOOP)) {
      return set.cosines(embedder, flip);
    }
  }

  @Test
  void pairsOfSmallLfw() throws IOException {
    PairSet set = PairSet.open(Fixtures.path("bin/small_lfw.bin").toString(), HADOOP);
    List<String> lines = Files.readAllLines(Fixtures.path("expected/small_lfw_pair_cosines.csv"));
    double[] found = cosines(set, PairSet.Flip.NONE);
    assertThat(found).hasSize(10);
    for (int i = 0; i < found.length; i++) {
      String[] cells = lines.get(i + 1).split(",");
      assertThat(found[i]).isCloseTo(Double.parseDouble(cells[cells.length - 1]), within(1e-4));
    }
    // all show one person: what needs two people cannot be told
    Verification result = Verification.of(found, set.same());
    assertThat(result.accuracy()).isEqualTo(1);
    assertThat(result.auc()).isNaN();
  }

  @Test
  void pairsMadeOfLfwFolders() throws IOException {
    List<String> lines;
    try (var in = getClass().getResourceAsStream("lfw_128_cosines.csv")) {
      lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().skip(1).toList();
    }
    List<FacePair> pairs = new ArrayList<>();
    for (String line : lines) {
      String[] cells = line.split(",");
      pairs.add(
          new FacePair(
              pairs.size(),
              Files.readAllBytes(Fixtures.path("faces/lfw_128/" + cells[0])),
              Files.readAllBytes(Fixtures.path("faces/lfw_128/" + cells[1])),
              cells[2].equals("1")));
    }
    PairSet set = new PairSet("lfw_128", pairs);
    double[] found = cosines(set, PairSet.Flip.SUM);
    for (int i = 0; i < found.length; i++) {
      // decoders of JPEG differ by a grey level here and there
      assertThat(found[i])
          .as(lines.get(i))
          .isCloseTo(Double.parseDouble(lines.get(i).split(",")[3]), within(0.01));
    }
    assertThat(Verification.of(found, set.same()).auc()).isGreaterThan(0.9);
  }
}
