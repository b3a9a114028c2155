package io.sparkface.pipeline.evaluate.ijb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.pipeline.LocalSpark;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against numpy and scikit-learn on embeddings of a drawn release. */
class IjbEvaluationTest {
  private static JsonNode golden;

  @BeforeAll
  static void read() throws IOException {
    try (InputStream in = IjbEvaluationTest.class.getResourceAsStream("golden.json")) {
      golden = new ObjectMapper().readTree(in);
    }
  }

  private static JavaRDD<FaceRow> faces() {
    List<FaceRow> rows = new ArrayList<>();
    for (int i = 0; i < golden.get("template").size(); i++) {
      rows.add(
          new FaceRow(
              golden.get("template").get(i).asInt(),
              golden.get("media").get(i).asInt(),
              (float) golden.get("score").get(i).asDouble(),
              floats(golden.get("plain").get(i)),
              floats(golden.get("mirrored").get(i))));
    }
    return JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext())
        .parallelize(rows, 5);
  }

  private static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i).asDouble();
    }
    return floats;
  }

  private static TemplatePairs pairs() {
    JsonNode rows = golden.get("pairs");
    int[] first = new int[rows.size()];
    int[] second = new int[rows.size()];
    BitSet same = new BitSet();
    for (int i = 0; i < first.length; i++) {
      first[i] = rows.get(i).get(0).asInt();
      second[i] = rows.get(i).get(1).asInt();
      same.set(i, rows.get(i).get(2).asInt() == 1);
    }
    return new TemplatePairs(first, second, same);
  }

  private static TemplateSubjects subjects(JsonNode rows) {
    TemplateSubjects.Builder subjects = new TemplateSubjects.Builder();
    for (JsonNode row : rows) {
      subjects.add(row.get(0).asInt(), row.get(1).asText());
    }
    return subjects.build();
  }

  @Test
  void everyCombinationEqualsNumpy() {
    for (Combination combination : Combination.all()) {
      String name = combination.name(Combination.Convention.KERAS);
      JsonNode expected = golden.get("verification").get(name);
      TemplateFeatures features = TemplateFeatures.of(faces(), combination);
      float[] scores = features.scores(pairs());
      for (int i = 0; i < 5; i++) {
        assertThat((double) scores[i])
            .as(name)
            .isCloseTo(expected.get("first").get(i).asDouble(), within(1e-6));
      }
      IjbEvaluation.Verification found =
          IjbEvaluation.Verification.of(combination, features.size(), scores, pairs().same());
      assertThat(found.auc()).as(name).isCloseTo(expected.get("auc").asDouble(), within(1e-9));
      found
          .tarAtFar()
          .forEach(
              (far, tar) ->
                  assertThat(tar)
                      .as(name + " at " + far)
                      .isCloseTo(expected.get("tar").get(far).asDouble(), within(1e-12)));
    }
  }

  @Test
  void searchInGalleriesEqualsNumpy() {
    Identification found =
        Identification.of(
            TemplateFeatures.of(faces(), Combination.USUAL),
            List.of(
                subjects(golden.get("galleries").get(0)), subjects(golden.get("galleries").get(1))),
            subjects(golden.get("probes")));
    for (int g = 0; g < 2; g++) {
      JsonNode expected = golden.get("identification").get(g);
      Identification.Gallery gallery = found.galleries().get(g);
      assertThat(gallery.entries()).isEqualTo(expected.get("entries").asInt());
      assertThat(gallery.mated()).isEqualTo(expected.get("mated").asInt());
      assertThat(gallery.nonMated()).isEqualTo(expected.get("nonMated").asInt());
      assertThat(gallery.top1()).isEqualTo(expected.get("top1").asDouble());
      assertThat(gallery.top5()).isEqualTo(expected.get("top5").asDouble());
    }
    for (int i = 0; i < found.dir().length; i++) {
      assertThat(found.dir()[i])
          .as("DIR at " + found.far()[i])
          .isCloseTo(golden.get("dir").get(i).asDouble(), within(1e-12));
    }
  }

  @Test
  void theConventionsInvertN() {
    assertThat(Combination.USUAL.name(Combination.Convention.KERAS)).isEqualTo("N0D1F1");
    assertThat(Combination.USUAL.name(Combination.Convention.INSIGHTFACE)).isEqualTo("N1D1F2");
    for (Combination combination : Combination.all()) {
      for (Combination.Convention convention : Combination.Convention.values()) {
        assertThat(Combination.parse(combination.name(convention), convention))
            .isEqualTo(combination);
      }
    }
    assertThatThrownBy(() -> Combination.parse("N0D1F2", Combination.Convention.KERAS))
        .isInstanceOf(UserError.class);
  }

  @Test
  void aPairOfAnUnknownTemplateIsToldOf() {
    BitSet same = new BitSet();
    TemplateFeatures features = TemplateFeatures.of(faces(), Combination.USUAL);
    assertThatThrownBy(
            () -> features.scores(new TemplatePairs(new int[] {100}, new int[] {7}, same)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("template 7");
  }
}
