package io.sparkface.pipeline.evaluate.ijb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.SmallModel;
import io.sparkface.pipeline.prepare.PersonFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IjbReleaseTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;

  /** Coloured waves instead of faces. */
  private void writePeople(int people, int pictures) throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    for (int person = 0; person < people; person++) {
      Path home = Files.createDirectories(folder.resolve("people/p" + person));
      for (int i = 0; i < pictures; i++) {
        byte[] rgb = new byte[3 * 112 * 112];
        double wave = 5 + 3 * person + random.nextDouble();
        for (int p = 0; p < rgb.length; p++) {
          rgb[p] = (byte) (128 + 90 * Math.sin(p / 336.0 / wave + p % 336 / 3.0 / wave + p % 3));
        }
        Files.write(home.resolve(i + ".jpg"), ImageEncoder.jpeg(new RgbImage(112, 112, rgb), 0.95));
      }
    }
  }

  private IjbSynthesis.Result lay(IjbSubset subset) throws IOException {
    return new IjbSynthesis(
            PersonFolders.open(
                new org.apache.hadoop.fs.Path(folder.resolve("people").toString()), HADOOP),
            subset,
            3,
            1)
        .write(folder.resolve("ijb").toString(), HADOOP);
  }

  private IjbRelease open(IjbSubset subset) throws IOException {
    return IjbRelease.open(folder.resolve("ijb").toString(), subset, HADOOP);
  }

  @Test
  void fromPersonFoldersToBothTables() throws IOException {
    writePeople(7, 6);
    IjbSynthesis.Result laid = lay(IjbSubset.IJBC);
    IjbRelease release = open(IjbSubset.IJBC);
    assertThat(release.images()).hasSize(laid.images()).hasSize(42);
    assertThat(release.pairs().size()).isEqualTo(laid.pairs());
    assertThat(release.pairs().same().cardinality()).isEqualTo(laid.genuine());
    assertThat(release.galleries()).allMatch(gallery -> gallery.entries().size() == 3);
    String model = SmallModel.write(folder.resolve("model"));
    FaceRows rows = new FaceRows(LocalSpark.session());
    String kept = folder.resolve("embeddings").toString();
    IjbEvaluation evaluation =
        new IjbEvaluation(release, rows.keptOrMade(kept, release, model, Normalisation.FACE));
    ScoreFiles files = new ScoreFiles(HADOOP);
    String scores = folder.resolve("scores").toString();
    var results =
        evaluation.verify(
            Combination.all(), (name, values, same) -> files.write(scores, name, values, same));
    assertThat(results).hasSize(8).containsKey("N0D1F1");
    assertThat(results.get("N0D1F1").templates()).isEqualTo(laid.templates());
    assertThat(results.get("N0D1F1").auc()).isBetween(0.0, 1.0);
    Identification found = evaluation.identify();
    assertThat(found.galleries()).allMatch(gallery -> gallery.nonMated() > 0);
    assertThat(found.cmc()[2]).isEqualTo(1);
    // the same table from the scores alone, all eight files at once
    Map<String, IjbEvaluation.Verification> plotted = new HashMap<>();
    files.read(
        results.keySet().stream().map(name -> scores + "/" + name + ".npz").toList(),
        Optional.empty(),
        one -> plotted.put(one.name(), one.verification()));
    assertThat(plotted).hasSize(8);
    plotted.forEach(
        (name, one) ->
            assertThat(one)
                .usingRecursiveComparison()
                .ignoringFields("templates")
                .isEqualTo(results.get(name)));
    // restored without the model, and refused for another
    var again =
        new IjbEvaluation(release, rows.kept(kept))
            .verify(List.of(Combination.USUAL), (name, values, same) -> {});
    assertThat(again.get("N0D1F1").auc()).isEqualTo(results.get("N0D1F1").auc());
    String other = SmallModel.write(folder.resolve("other"));
    assertThatThrownBy(() -> rows.keptOrMade(kept, release, other, Normalisation.FACE))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("another model");
  }

  /** A crop aligned by its landmarks is the picture it was made of, but for sampling it twice. */
  @Test
  void alignmentBringsTheFaceBack() throws IOException {
    writePeople(2, 4);
    lay(IjbSubset.IJBB);
    IjbRelease release = open(IjbSubset.IJBB);
    List<RgbImage> sources;
    try (var files = Files.walk(folder.resolve("people"))) {
      sources =
          files
              .filter(Files::isRegularFile)
              .map(
                  file -> {
                    try {
                      return ImageDecoder.decode(Files.readAllBytes(file), file.toString());
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  })
              .toList();
    }
    for (IjbImage image : release.images()) {
      RgbImage aligned = FaceRows.aligned(image, release.crops(), HADOOP);
      double nearest =
          sources.stream().mapToDouble(source -> difference(source, aligned)).min().orElseThrow();
      assertThat(nearest).as(image.name()).isCloseTo(0, within(6.0));
    }
  }

  /** Mean difference in the middle: corners may have been cut off. */
  private static double difference(RgbImage a, RgbImage b) {
    double sum = 0;
    int count = 0;
    for (int y = 24; y < 88; y++) {
      for (int i = 3 * (y * 112 + 24); i < 3 * (y * 112 + 88); i++) {
        sum += Math.abs((a.rgb()[i] & 255) - (b.rgb()[i] & 255));
        count++;
      }
    }
    return sum / count;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "ijbb_face_tid_mid.txt; 1.jpg 1; 2 fields",
        "ijbb_face_tid_mid.txt; ../1.jpg 1 1; stands where",
        "ijbb_face_tid_mid.txt; 1.jpg x 1; 'x' is not a number",
        "ijbb_face_tid_mid.txt; 1.jpg 99999999999 1; is not a number",
        "ijbb_name_5pts_score.txt; 1.jpg 1 2 3 4 5 6 7 8 9 NaN 1; 'NaN' is not a number",
        "ijbb_template_pair_label.txt; 1 2 7; neither 0 nor 1",
      })
  void damagedMetaFilesAreToldOfByLine(String file, String line, String message)
      throws IOException {
    writePeople(2, 4);
    lay(IjbSubset.IJBB);
    Path path = folder.resolve("ijb/IJBB/meta").resolve(file);
    List<String> lines = new java.util.ArrayList<>(Files.readAllLines(path));
    lines.set(0, line);
    Files.write(path, lines);
    Files.deleteIfExists(path.resolveSibling("." + file + ".crc"));
    assertThatThrownBy(
            () -> {
              open(IjbSubset.IJBB).images();
              open(IjbSubset.IJBB).pairs();
            })
        .isInstanceOf(UserError.class)
        .hasMessageContaining(message)
        .hasMessageContaining("line 1");
  }

  @Test
  void anEndlessLineIsRefused() throws IOException {
    writePeople(2, 4);
    lay(IjbSubset.IJBB);
    Path path = folder.resolve("ijb/IJBB/meta/ijbb_template_pair_label.txt");
    byte[] digits = new byte[1 << 20];
    Arrays.fill(digits, (byte) '1');
    Files.write(path, digits);
    Files.deleteIfExists(path.resolveSibling("." + path.getFileName() + ".crc"));
    assertThatThrownBy(() -> open(IjbSubset.IJBB).pairs())
        .isInstanceOf(UserError.class)
        .hasMessageContaining("longer than");
  }
}
