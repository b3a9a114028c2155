package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.datasets.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlignJobTest {
  @TempDir Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static String detector() {
    return Fixtures.path("models/yunet_n_dynamic.onnx").toString();
  }

  private void put(String name, byte[] content) throws IOException {
    Path file = folder.resolve("photos").resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  @Test
  void everyFaceOfPersonFolders() throws IOException {
    put("anna/1.pgm", Files.readAllBytes(Fixtures.path("faces/att_orl/s1/1.pgm")));
    put("both/1.jpg", Files.readAllBytes(Fixtures.path("photos/s_l.jpg")));
    put("both/2.jpg", "no picture".getBytes(StandardCharsets.US_ASCII));
    String[] words = {
      "align",
      "--input",
      path("photos"),
      "--detector",
      detector(),
      "--output",
      path("faces"),
      "--choose",
      "largest",
      "--all-faces",
      "--json"
    };
    JobRun refused = JobRun.of(words);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("both/2.jpg", "--on-bad-record=quarantine");
    assertThat(folder.resolve("faces")).doesNotExist();
    String[] lenient = Arrays.copyOf(words, words.length + 1);
    lenient[words.length] = "--on-bad-record=quarantine";
    JsonNode done = JobRun.of(lenient).json();
    assertThat(done.get("photos").asInt()).isEqualTo(3);
    assertThat(done.get("faces").asInt()).isEqualTo(3);
    assertThat(done.get("identities").asInt()).isEqualTo(2);
    assertThat(done.get("unreadable").asInt()).isEqualTo(1);
    assertThat(folder.resolve("faces/anna/1.pgm.jpg")).isRegularFile();
    assertThat(folder.resolve("faces/both/1.face2.jpg")).isRegularFile();
    assertThat(folder.resolve("faces/skipped.jsonl")).content().contains("both/2.jpg");
  }

  @Test
  void onePhotoAlone() throws IOException {
    JsonNode done =
        JobRun.of(
                "align",
                "--input",
                Fixtures.path("photos/s_l.jpg").toString(),
                "--detector",
                detector(),
                "--output",
                path("face"),
                "--json")
            .json();
    assertThat(done.get("faces").asInt()).isEqualTo(1);
    assertThat(folder.resolve("face/s_l.jpg")).isRegularFile();
  }

  @Test
  void numbersThatCannotBeMeantAreRefused() {
    for (String[] wrong :
        new String[][] {
          {"--size", "0"}, {"--part-size", "0"}, {"--min-score", "7"}, {"--detect-size", "-1"}
        }) {
      JobRun run =
          JobRun.of(
              "align",
              "--input",
              path("photos"),
              "--detector",
              "no.onnx",
              "--output",
              path("faces"),
              wrong[0],
              wrong[1]);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err()).contains(wrong[0]);
    }
  }
}
