package io.sparkface.models.interop.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.sparkface.base.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KerasHeadTest {
  @TempDir Path folder;

  /** Two identities of three sub-centres, weights of 2 x 6. */
  private byte[] file(String kind, int units, String weight) throws IOException {
    Path file = folder.resolve("model.h5");
    float[][] values = {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}};
    try (WritableHdfFile h5 = HdfFile.write(file)) {
      h5.putAttribute(
          "model_config",
          """
          {"class_name": "Functional", "config": {"layers": [
            {"class_name": "Dense", "name": "embedding", "config": {"name": "embedding"}},
            {"class_name": "%s", "name": "arcface", "config": {"name": "arcface", "units": %d}}]}}
          """
              .formatted(kind, units));
      WritableGroup weights = h5.putGroup("model_weights");
      weights.putAttribute("layer_names", new String[] {"arcface"});
      WritableGroup head = weights.putGroup("arcface");
      head.putAttribute("weight_names", new String[] {"arcface/" + weight + ":0"});
      head.putGroup("arcface").putDataset(weight + ":0", values);
    }
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"NormDense", "keras_insightface>NormDense", "keras_insightface>NormDenseVPL"})
  void subCentresAreNextToEachOther(String kind) throws IOException {
    KerasHead head = KerasHead.read(file(kind, 2, "norm_dense_w"), "m.h5").orElseThrow();
    assertThat(head.identities()).isEqualTo(2);
    assertThat(head.perIdentity()).isEqualTo(3);
    assertThat(head.weights().shape()).containsExactly(2, 6);
    assertThat(head.weights().values()).startsWith(1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void aModelWithoutOneHasNone() throws IOException {
    assertThat(KerasHead.read(file("Dense", 2, "kernel"), "m.h5")).isEmpty();
    try (var in = KerasHeadTest.class.getResourceAsStream("weights_only.h5")) {
      assertThat(KerasHead.read(in.readAllBytes(), "w.h5")).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | norm_dense_w_subs | was trained in slices (partial_fc_split)",
        "2 | kernel            | has no norm_dense_w",
        "4 | norm_dense_w      | of 4 identities has weights of 2x6",
        "7 | norm_dense_w      | of 7 identities has weights of 2x6",
        "0 | norm_dense_w      | of 0 identities has weights of 2x6"
      })
  void whatIsNoWholeHeadIsRefused(int units, String weight, String problem) {
    assertThatThrownBy(() -> KerasHead.read(file("NormDense", units, weight), "m.h5"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(problem);
  }

  @FuzzTest(maxDuration = "10s")
  void bytesGiveAHeadOrNoneOrAUserError(byte[] bytes) {
    try {
      KerasHead.read(bytes, "fuzz");
    } catch (UserError expected) {
      // the only way to fail
    }
  }
}
