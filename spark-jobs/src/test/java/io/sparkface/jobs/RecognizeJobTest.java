package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.recognize.VideoFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecognizeJobTest {
  @TempDir Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static String photo(String name) {
    return Fixtures.path(name).toString();
  }

  private static JobRun recognize(String... words) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "recognize",
                "--detector",
                photo("models/yunet_n_dynamic.onnx"),
                "--model",
                photo("models/mobilefacenet_onnx/MobileFaceNet.onnx"),
                "--normalisation",
                "imagenet"));
    all.addAll(Arrays.asList(words));
    return JobRun.of(all.toArray(String[]::new));
  }

  private void know(String name, String photo) throws IOException {
    Path picture = folder.resolve("people").resolve(name).resolve("1.pgm");
    Files.createDirectories(picture.getParent());
    Files.copy(Fixtures.path("faces/att_orl/" + photo), picture);
  }

  @Test
  void comparesTheFacesOfPictures() throws IOException {
    String[] pictures = {
      "--images",
      photo("faces/att_orl/s1/1.pgm"),
      photo("faces/att_orl/s1/2.pgm"),
      photo("faces/att_orl/s2/1.pgm")
    };
    JobRun table = recognize(pictures);
    assertThat(table.status()).as(table.err()).isZero();
    List<String> lines = table.out().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).endsWith("      1       2       3");
    assertThat(lines.get(3)).startsWith("   3 ").contains("s2/1.pgm#1").endsWith(" 1.0000");
    String[] json = Arrays.copyOf(pictures, 5);
    json[4] = "--json";
    JsonNode cosines = recognize(json).json().get("cosines");
    assertThat(cosines.get(0).get(0).asDouble()).isCloseTo(1, within(1e-5));
    assertThat(cosines.get(0).get(1).asDouble()).isEqualTo(cosines.get(1).get(0).asDouble());
    assertThat(cosines.get(0).get(1).asDouble()).isGreaterThan(cosines.get(0).get(2).asDouble());
  }

  @Test
  void namesAndMarksKnownPeople() throws IOException {
    know("anna", "s1/1.pgm");
    know("ben", "s2/1.pgm");
    JsonNode faces =
        recognize(
                "--images",
                photo("faces/att_orl/s2/4.pgm"),
                "--known",
                path("people"),
                "--annotate",
                path("marked"),
                "--json")
            .json()
            .get("faces");
    assertThat(faces).hasSize(1);
    assertThat(faces.get(0).get("people").get(0).get("name").asText()).isEqualTo("ben");
    assertThat(folder.resolve("people.faces.safetensors")).isRegularFile();
    Path marked = folder.resolve("marked/4_recognition_result.jpg");
    assertThat(ImageDecoder.decode(Files.readAllBytes(marked), "marked").width()).isEqualTo(92);
  }

  @Test
  void seesAPersonInAVideo() throws IOException {
    know("anna", "s1/1.pgm");
    RgbImage face =
        ImageDecoder.decode(
            Files.readAllBytes(Fixtures.path("faces/att_orl/s1/2.pgm")), "s1/2.pgm");
    try (VideoFile video = new VideoFile(folder.resolve("door.mp4"), 10)) {
      for (int i = 0; i < 12; i++) {
        video.add(face);
      }
      video.finish();
    }
    JsonNode seen =
        recognize(
                "--video",
                path("door.mp4"),
                "--known",
                path("people"),
                "--threshold",
                "0.3",
                "--output",
                path("marked.mp4"),
                "--json")
            .json();
    assertThat(seen.get("frames").asInt()).isEqualTo(12);
    assertThat(seen.get("looks").asInt()).isEqualTo(3);
    assertThat(seen.get("people").get(0).get("name").asText()).isEqualTo("anna");
    assertThat(seen.get("people").get(0).get("looks").asInt()).isEqualTo(3);
    assertThat(folder.resolve("marked.mp4")).isRegularFile();
  }

  @Test
  void findsFacesWithoutAModel() throws IOException {
    String[] words = {
      "recognize",
      "--detector",
      photo("models/yunet_n_dynamic.onnx"),
      "--images",
      photo("photos/s_l.jpg"),
      "--annotate",
      path("marked"),
      "--json"
    };
    assertThat(JobRun.of(words).json().get("faces")).hasSize(2);
    assertThat(folder.resolve("marked/s_l_recognition_result.jpg")).isRegularFile();
    String[] people = words.clone();
    people[7] = "--known=people";
    assertThat(JobRun.of(people).err()).contains("--model");
  }

  @Test
  void picturesOfOneNameAreNotWrittenOverEachOther() {
    JobRun run =
        recognize(
            "--images",
            photo("faces/att_orl/s1/1.pgm"),
            photo("faces/att_orl/s2/1.pgm"),
            "--annotate",
            path("marked"));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("1_recognition_result.jpg");
  }

  @Test
  void whatIsNoPictureIsRefused() {
    JobRun none = recognize("--images", path("none.jpg"));
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("no such picture").contains("none.jpg");
    JobRun directory = recognize("--images", folder.toString());
    assertThat(directory.status()).isEqualTo(2);
    assertThat(directory.err()).contains("a folder");
  }
}
