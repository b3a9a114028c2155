package io.sparkface.pipeline.evaluate.ijb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores that numpy saved, with what scikit-learn finds in them, see {@code scores.py}. */
class ScoreFilesTest {
  private static final ScoreFiles FILES = new ScoreFiles(new Configuration());

  @TempDir Path folder;

  private String copied(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = getClass().getResourceAsStream(name)) {
      Files.write(file, in.readAllBytes());
    }
    return file.toString();
  }

  private static List<ScoreFiles.Scores> read(String... files) throws IOException {
    List<ScoreFiles.Scores> found = new ArrayList<>();
    FILES.read(List.of(files), Optional.empty(), found::add);
    return found;
  }

  private static void assertEqual(IjbEvaluation.Verification found, String name)
      throws IOException {
    JsonNode expected;
    try (InputStream in = ScoreFilesTest.class.getResourceAsStream("scores.json")) {
      expected = new ObjectMapper().readTree(in).get(name);
    }
    assertThat(found.auc()).isCloseTo(expected.get("auc").asDouble(), within(1e-12));
    found
        .tarAtFar()
        .forEach(
            (far, tar) ->
                assertThat(tar)
                    .as(name + " at " + far)
                    .isCloseTo(expected.get("tar").get(far).asDouble(), within(1e-12)));
  }

  @Test
  void whatTheOriginalSavedGivesScikitLearnsFigures() throws IOException {
    List<ScoreFiles.Scores> found = read(copied("scores.npz"));
    assertThat(found).extracting(ScoreFiles.Scores::name).containsExactly("N0D1F1", "N1D1F1");
    for (ScoreFiles.Scores one : found) {
      assertEqual(one.verification(), one.name());
    }
    assertThat(found.get(0).verification().insightface()).isEqualTo("N1D1F2");
  }

  @Test
  void labelsMayComeFromTheListOfPairs() throws IOException {
    String list = copied("pairs.txt");
    List<ScoreFiles.Scores> found = read(list, copied("unlabelled.npz"), copied("one.npy"));
    assertThat(found).extracting(ScoreFiles.Scores::name).containsExactly("N0D1F1", "N1D1F1", "");
    assertEqual(found.get(1).verification(), "N1D1F1");
    assertEqual(found.get(2).verification(), "N1D1F1");
    assertThat(found.get(2).verification().insightface()).isNull();
    for (String alone : List.of("unlabelled.npz", "one.npy")) {
      assertThatThrownBy(() -> read(folder.resolve(alone).toString()))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("nothing tells");
    }
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    float[] scores = new float[40_000];
    BitSet same = new BitSet();
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) Math.sin(i);
      same.set(i, i % 7 == 0);
    }
    for (int time = 0; time < 2; time++) {
      FILES.write(folder.toString(), "N1D0F1", scores, same);
    }
    ScoreFiles.Scores found = read(folder.resolve("N1D0F1.npz").toString()).get(0);
    assertThat(found.name()).isEqualTo("N1D0F1");
    assertThat(found.scores()).isEqualTo(scores);
    assertThat(found.same()).isEqualTo(same);
  }

  @Test
  void wrongFilesAreToldOf() throws IOException {
    float[] scores = new float[80];
    scores[3] = Float.NaN;
    FILES.write(folder.toString(), "nan", scores, new BitSet());
    FILES.write(folder.toString(), "short", new float[7], new BitSet());
    byte[] whole = Files.readAllBytes(Path.of(copied("scores.npz")));
    Files.write(folder.resolve("cut.npz"), Arrays.copyOf(whole, 500));
    Files.writeString(folder.resolve("text.npz"), "scores");
    String list = copied("pairs.txt");
    assertRefused("score 3 is NaN", folder.resolve("nan.npz").toString());
    assertRefused("cut", folder.resolve("cut.npz").toString());
    assertRefused("the zip is damaged", folder.resolve("text.npz").toString());
    assertRefused("no such file", folder.resolve("absent.npz").toString());
    assertRefused("no file of scores", list, copied("scores.json"));
    assertRefused("1 lists of pairs among 1 files", list);
    Files.writeString(folder.resolve("few.txt"), "1 2 1\n");
    assertRefused(
        "80 scores and 1 labels", folder.resolve("few.txt").toString(), copied("one.npy"));
  }

  private static void assertRefused(String message, String... files) {
    assertThatThrownBy(() -> read(files))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(message);
  }

  @FuzzTest
  void anyBytesAreScoresOrRefused(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("scores", ".npz");
    try {
      Files.write(file, bytes);
      read(file.toString());
    } catch (UserError expected) {
      assertThat(expected.where()).isNotEmpty();
    } finally {
      Files.delete(file);
    }
  }
}
