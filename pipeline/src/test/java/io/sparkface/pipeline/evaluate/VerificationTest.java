package io.sparkface.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VerificationTest {
  private static final Offset<Double> EXACT = within(1e-12);

  private static JsonNode golden() throws IOException {
    try (InputStream in = VerificationTest.class.getResourceAsStream("golden.json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  static Stream<JsonNode> cases() throws IOException {
    return StreamSupport.stream(golden().get("cases").spliterator(), false);
  }

  private static double[] scores(JsonNode test) {
    return StreamSupport.stream(test.get("scores").spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static boolean[] same(JsonNode test) {
    boolean[] same = new boolean[test.get("same").size()];
    for (int i = 0; i < same.length; i++) {
      same[i] = test.get("same").get(i).asBoolean();
    }
    return same;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsScikitLearn(JsonNode test) {
    String name = test.get("name").asText();
    Verification found = Verification.of(scores(test), same(test));
    assertThat(found.accuracy()).as(name).isCloseTo(test.get("accuracy").asDouble(), EXACT);
    assertThat(found.threshold()).as(name).isCloseTo(test.get("threshold").asDouble(), EXACT);
    assertFolds(found, test.get("folds"), EXACT);
    Roc roc = Roc.of(scores(test), same(test));
    JsonNode expected = test.get("roc");
    assertThat(roc.size()).as(name).isEqualTo(expected.get("points").asInt());
    for (int i = 0; i < expected.get("fpr").size(); i++) {
      assertThat(roc.far(i)).isCloseTo(expected.get("fpr").get(i).asDouble(), EXACT);
      assertThat(roc.tar(i)).isCloseTo(expected.get("tpr").get(i).asDouble(), EXACT);
    }
    assertThat(found.auc()).as(name).isCloseTo(expected.get("auc").asDouble(), EXACT);
    assertThat(found.tarAtFar()).hasSize(6);
    found
        .tarAtFar()
        .forEach(
            (far, tar) ->
                assertThat(tar)
                    .as(name + " at " + far)
                    .isCloseTo(expected.get("tar").get(far).asDouble(), EXACT));
  }

  private static void assertFolds(Verification found, JsonNode folds, Offset<Double> near) {
    List<Double> values =
        List.of(
            found.tenFoldAccuracy(),
            found.tenFoldDeviation(),
            found.validation(),
            found.validationDeviation(),
            found.validationFar());
    if (folds.isNull()) {
      assertThat(values).allMatch(value -> value.isNaN());
      return;
    }
    for (int i = 0; i < values.size(); i++) {
      assertThat(values.get(i)).as("value " + i).isCloseTo(folds.get(i).asDouble(), near);
    }
  }

  @Test
  void foldsOnPrincipalComponentsEqualScikitLearn() throws IOException {
    JsonNode test = golden().get("pca");
    float[][] embeddings = new float[test.get("embeddings").size()][];
    for (int i = 0; i < embeddings.length; i++) {
      JsonNode row = test.get("embeddings").get(i);
      embeddings[i] = new float[row.size()];
      for (int d = 0; d < row.size(); d++) {
        embeddings[i][d] = (float) row.get(d).asDouble();
      }
    }
    double[] cosines = new double[embeddings.length / 2];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = Vectors.dot(embeddings[2 * i], embeddings[2 * i + 1]);
    }
    Verification found =
        Verification.withComponents(
            new PairEmbeddings(embeddings, cosines, same(test)), test.get("components").asInt());
    assertFolds(found, test.get("folds"), within(1e-9));
  }

  /** The check of spec 7.1: only .5 is tried, though .28 would be better. */
  @Test
  void triesOnlyTheTopTenthOfTheDifferentPairs() {
    double[] cosines = {.9, .8, .4, .3, 0, .05, .1, .12, .15, .2, .22, .25, .28, .5};
    boolean[] same = new boolean[14];
    Arrays.fill(same, 0, 4, true);
    Verification result = Verification.of(cosines, same);
    assertThat(result.accuracy()).isCloseTo(12 / 14.0, within(1e-12));
    assertThat(result.threshold()).isEqualTo(.5);
  }

  @Test
  void whatOneKindOfPairsCannotGiveIsNotANumber() {
    boolean[] all = new boolean[12];
    Arrays.fill(all, true);
    double[] cosines = new double[12];
    Arrays.fill(cosines, .4);
    Verification same = Verification.of(cosines, all);
    assertThat(same.accuracy()).isEqualTo(1);
    assertThat(same.tenFoldAccuracy()).isEqualTo(1);
    assertThat(same.validation()).isNaN();
    assertThat(same.auc()).isNaN();
    assertThat(same.tarAtFar().values()).allMatch(tar -> tar.isNaN());
    Verification different = Verification.of(cosines, new boolean[12]);
    assertThat(different.accuracy()).isEqualTo(1);
    assertThat(different.validation()).isNaN();
    assertThat(different.auc()).isNaN();
  }

  @Test
  void floatScoresGiveTheSameCurve() throws IOException {
    JsonNode test = cases().toList().get(1);
    double[] scores = scores(test);
    boolean[] same = same(test);
    float[] floats = new float[scores.length];
    BitSet genuine = new BitSet();
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) scores[i];
      genuine.set(i, same[i]);
    }
    assertThat(Roc.of(floats, genuine).tarAtRates()).isEqualTo(Roc.of(scores, same).tarAtRates());
  }

  @Test
  void refusesCosinesThatAreNotNumbers() {
    assertThatThrownBy(
            () -> Verification.of(new double[] {Double.NaN, 1}, new boolean[] {true, false}))
        .hasMessageContaining("pair 0");
    assertThatThrownBy(() -> Roc.of(new double[] {1, Double.NaN}, new boolean[] {true, false}))
        .hasMessageContaining("not finite");
    assertThatThrownBy(() -> Verification.of(new double[0], new boolean[0]))
        .hasMessageContaining("no pair");
  }
}
