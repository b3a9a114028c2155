package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultTextTest {
  private record Scores(double accuracy, double auc) {}

  private record Result(String output, long images, Scores scores, Map<String, String> options) {}

  @Test
  void aFieldALineAndWhatLiesWithinIndented() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("angle", "70.0");
    assertThat(ResultText.of(new Result("faces", 12, new Scores(0.75, Double.NaN), options)))
        .isEqualToNormalizingNewlines(
            """
            output             faces
            images             12
            scores
              accuracy         0.75
              auc              -
            options
              angle            70.0
            """);
  }

  @Test
  void longListsHaveALineForEach() {
    String path = "a/path/that/is/rather/long/part-00000.parquet";
    assertThat(ResultText.of(Map.of("files", List.of(path, path, path)))).hasLineCount(4);
    assertThat(ResultText.of(Map.of("folds", List.of(1, 2)))).contains("[1,2]").hasLineCount(1);
    assertThat(ResultText.of(Map.of("problems", List.of()))).contains("problems           -");
  }

  @Test
  void namesMakeRoomAndFiguresAreShort() {
    assertThat(ResultText.of(Map.of("GlobalAveragePooling", 32.0, "a", 0.08229690163390688)))
        .contains("GlobalAveragePooling 32" + System.lineSeparator())
        .contains("a                    0.0822969" + System.lineSeparator());
  }
}
