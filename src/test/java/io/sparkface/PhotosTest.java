package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.datasets.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From photos to people, through {@code submit/spark-submit} and the built jar. */
class PhotosTest {
  @TempDir Path folder;

  private static String fixture(String name) {
    return Fixtures.path(name).toString();
  }

  private String run(String... words) throws IOException, InterruptedException {
    try (Submission job = Submission.start(folder, Map.of(), words)) {
      assertThat(job.await()).as(job.err()).isZero();
      return job.out();
    }
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  private static String[] recognize(String... words) {
    return Stream.concat(
            Stream.of(
                "recognize",
                "--detector",
                fixture("models/scrfd_500m_kps.onnx"),
                "--model",
                fixture("models/mobilefacenet_onnx/MobileFaceNet.onnx"),
                "--normalisation",
                "imagenet"),
            Arrays.stream(words))
        .toArray(String[]::new);
  }

  @Test
  void alignedFacesAreKnownAgain() throws IOException, InterruptedException {
    for (String person : List.of("s1", "s2")) {
      Path pictures = Files.createDirectories(folder.resolve("photos").resolve(person));
      for (int i = 1; i <= 3; i++) {
        Files.copy(
            Fixtures.path("faces/att_orl/" + person + "/" + i + ".pgm"),
            pictures.resolve(i + ".pgm"));
      }
    }
    JsonNode aligned =
        json(
            run(
                "align",
                "--input",
                "photos",
                "--detector",
                fixture("models/scrfd_500m_kps.onnx"),
                "--output",
                "faces",
                "--json"));
    assertThat(aligned.get("faces").asInt()).isEqualTo(6);
    JsonNode found =
        json(
            run(
                recognize(
                    "--images",
                    fixture("faces/att_orl/s2/9.pgm"),
                    "--known",
                    "faces",
                    "--known-aligned",
                    "--json")));
    assertThat(found.get("faces").get(0).get("people").get(0).get("name").asText()).isEqualTo("s2");
  }

  /** Other {@code --jars} take the place of FFmpeg's. */
  @Test
  void withoutFfmpegAVideoIsRefused() throws IOException, InterruptedException {
    Path jar = Submission.ROOT.resolve("spark-jobs/target/sparkface.jar");
    try (Submission job =
        Submission.start(
            folder, Map.of(), recognize("--video", "a.mp4", "--", "--jars", jar.toString()))) {
      assertThat(job.await()).isEqualTo(2);
      assertThat(job.err())
          .contains("FFmpeg is not there", "spark-jobs/target/video", "docs/photos.md")
          .doesNotContain("\tat ");
    }
    // with them it gets as far as the file
    try (Submission job = Submission.start(folder, Map.of(), recognize("--video", "a.mp4"))) {
      assertThat(job.await()).isEqualTo(2);
      assertThat(job.err()).contains("no such video file");
    }
  }

  @Test
  @Tag("slow")
  void anAlignmentThatIsKilledGoesOn() throws IOException, InterruptedException {
    String[] words = {
      "align",
      "--input",
      fixture("faces/att_orl"),
      "--detector",
      fixture("models/scrfd_500m_kps.onnx"),
      "--output",
      "faces",
      "--part-size",
      "20",
      "--json"
    };
    Path first = folder.resolve(".faces.parts/part-000000.json");
    try (Submission job = Submission.start(folder, Map.of(), words)) {
      for (int i = 0; i < 600 && !Files.exists(first); i++) {
        Thread.sleep(100);
      }
      job.kill();
    }
    assertThat(first).isRegularFile();
    assertThat(folder.resolve("faces")).doesNotExist();
    try (Submission job = Submission.start(folder, Map.of(), words)) {
      assertThat(job.await()).as(job.err()).isZero();
      assertThat(job.err()).containsPattern("\\d+ of 20 parts were done before");
      assertThat(json(job.out()).get("photos").asInt()).isEqualTo(400);
    }
    assertThat(folder.resolve("faces/s40/9.pgm.jpg")).isRegularFile();
    assertThat(folder.resolve(".faces.parts")).doesNotExist();
  }
}
