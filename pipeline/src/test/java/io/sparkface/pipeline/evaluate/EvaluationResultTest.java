package io.sparkface.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.datasets.verification.FacePair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationResultTest {
  private static final Configuration HADOOP = new Configuration();
  private static final double[] COSINES = {0.9, 0.2, 1.0, 0.3, -1.0, 0.8};
  private static final PairSet SET = set("small", true, true, true, false, false, false);

  @TempDir Path folder;

  private static PairSet set(String name, boolean... same) {
    FacePair[] pairs = new FacePair[same.length];
    for (int i = 0; i < same.length; i++) {
      pairs[i] = new FacePair(i, picture(10 * i), picture(200), same[i]);
    }
    return new PairSet(name, List.of(pairs));
  }

  private static byte[] picture(int grey) {
    byte[] rgb = new byte[3 * 8 * 8];
    java.util.Arrays.fill(rgb, (byte) grey);
    return ImageEncoder.jpeg(new RgbImage(8, 8, rgb), 0.9);
  }

  private static EvaluationResult result(PairSet set) {
    return EvaluationResult.ofPairs(
        "run1/model", set, COSINES, Verification.of(COSINES, set.same()), "2026-01-02T03:04:05Z");
  }

  private org.apache.hadoop.fs.Path file(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toString());
  }

  @Test
  void whatIsWrittenIsReadAgainAndWhatASetCannotGiveIsNull() throws IOException {
    EvaluationResult written = result(SET).withExamples(ConfusionExample.of(SET, COSINES, 1));
    written.write(folder.toString(), HADOOP);
    // six pairs make no ten folds
    assertThat(folder.resolve("small.json")).content().contains("\"tenFoldAccuracy\":null");
    EvaluationResult read = EvaluationResult.read(file("small.json"), HADOOP);
    assertThat(read.figures()).isEqualTo(written.figures()).containsEntry("accuracy", 5 / 6.0);
    assertThat(read.figures().get("tenFoldAccuracy")).isNaN();
    assertThat(read.figures().keySet()).containsExactlyElementsOf(written.figures().keySet());
    assertThat(read.roc()).usingRecursiveComparison().isEqualTo(written.roc());
    assertThat(read.scores()).usingRecursiveComparison().isEqualTo(written.scores());
    assertThat(read.examples()).usingRecursiveComparison().isEqualTo(written.examples());
    assertThat(Files.list(folder)).noneMatch(path -> path.toString().endsWith(".tmp"));
  }

  @Test
  void everyScoreIsInABin() {
    ScoreHistogram scores = ScoreHistogram.of(COSINES, SET.same());
    assertThat(LongStream.of(scores.same()).sum()).isEqualTo(3);
    assertThat(LongStream.of(scores.different()).sum()).isEqualTo(3);
    // bins of 0.025: 1.0 belongs to the last, -1.0 to the first, 0.2 to [0.2, 0.225)
    assertThat(scores.same()[79]).isOne();
    assertThat(scores.different()[0]).isOne();
    assertThat(scores.same()[48]).isOne();
  }

  @Test
  void examplesAreTheHardestOfEitherKind() {
    List<ConfusionExample> examples = ConfusionExample.of(SET, COSINES, 2);
    assertThat(examples)
        .extracting(ConfusionExample::where)
        .containsExactly("small pair 1", "small pair 0", "small pair 5", "small pair 3");
    RgbImage thumbnail = ImageDecoder.decode(examples.get(0).first(), "thumbnail");
    assertThat(thumbnail.width()).isEqualTo(96);
    assertThat(thumbnail.rgb()[0] & 255).isBetween(8, 12);
  }

  @Test
  void anotherFileIsRefused() throws IOException {
    Files.writeString(folder.resolve("other.json"), "{\"rows\": 3}");
    Files.writeString(folder.resolve("cut.json"), "{\"format\": 1, \"set\"");
    for (String name : List.of("other.json", "cut.json")) {
      assertThatThrownBy(() -> EvaluationResult.read(file(name), HADOOP))
          .isInstanceOf(UserError.class)
          .hasMessageContaining(name);
    }
  }

  @Test
  void namesOfSetsCannotLeaveTheDirectory() throws IOException {
    result(set("../up/x", true, true, true, false, false, false))
        .write(folder.resolve("in").toString(), HADOOP);
    assertThat(folder.resolve("in/.._up_x.json")).exists();
  }
}
