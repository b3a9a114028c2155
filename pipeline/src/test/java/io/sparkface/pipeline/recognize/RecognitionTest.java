package io.sparkface.pipeline.recognize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.images.FaceAlignment;
import io.sparkface.datasets.images.FaceLandmarks;
import io.sparkface.datasets.images.FloatImage;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.detect.Box;
import io.sparkface.pipeline.detect.DetectedFace;
import io.sparkface.pipeline.detect.Detection;
import io.sparkface.pipeline.detect.Photo;
import io.sparkface.pipeline.evaluate.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecognitionTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;

  private static Recognizer recognizer(String detector) {
    return Recognizer.open(
        new Recognizer.Settings(
            Fixtures.path("models/" + detector).toString(),
            Detection.AS_PUBLISHED,
            FaceAlignment.SIMILARITY,
            Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx").toString(),
            Normalisation.IMAGENET),
        HADOOP);
  }

  private static RgbImage photo(Path path) throws IOException {
    return Photo.decode(Files.readAllBytes(path), path.toString());
  }

  /** Each of 400 photos of 40 people, against all others. */
  @Test
  void identifiesEveryFaceOfTheOrlSetLeavingItOut() throws IOException {
    List<float[]> faces = new ArrayList<>();
    List<Integer> people = new ArrayList<>();
    try (Recognizer recognizer = recognizer("yunet_n_dynamic.onnx")) {
      for (int person = 1; person <= 40; person++) {
        for (int i = 1; i <= 10; i++) {
          List<RecognizedFace> found =
              recognizer.faces(photo(Fixtures.path("faces/att_orl/s" + person + "/" + i + ".pgm")));
          assertThat(found).as("faces of s%d/%d", person, i).isNotEmpty();
          faces.add(found.get(0).embedding());
          people.add(person);
        }
      }
    }
    int right = 0;
    try (ExactIndex index = new ExactIndex(faces.get(0).length)) {
      float[][] all = faces.toArray(float[][]::new);
      index.add(all);
      List<List<ExactIndex.Hit>> hits = index.search(all, 2);
      for (int i = 0; i < all.length; i++) {
        int self = i;
        ExactIndex.Hit nearest =
            hits.get(i).stream().filter(hit -> hit.row() != self).findFirst().orElseThrow();
        right += people.get((int) nearest.row()).equals(people.get(i)) ? 1 : 0;
      }
    }
    System.out.println("AT&T, leave-one-out, rank-1: " + right + " of 400");
    assertThat(right / 400.0).isGreaterThanOrEqualTo(0.99);
  }

  private KnownPeople open(Recognizer recognizer) throws IOException {
    org.apache.hadoop.fs.Path people =
        new org.apache.hadoop.fs.Path(folder.resolve("people").toUri());
    return KnownPeople.open(
        people,
        KnownPeople.besides(people),
        KnownPeople.Pictures.PHOTOS,
        KnownPeople.Kept.USE,
        recognizer,
        HADOOP);
  }

  private void copy(String from, String to) throws IOException {
    Path target = folder.resolve("people").resolve(to);
    Files.createDirectories(target.getParent());
    Files.write(target, Files.readAllBytes(Fixtures.path("faces/att_orl/" + from)));
  }

  @Test
  void knowsPeopleAndFollowsTheirFolder() throws IOException {
    copy("s1/1.pgm", "anna/1.pgm");
    copy("s2/1.pgm", "ben/1.pgm");
    try (Recognizer recognizer = recognizer("yunet_n_dynamic.onnx")) {
      float[][] asked = {
        recognizer.faces(photo(Fixtures.path("faces/att_orl/s2/5.pgm"))).get(0).embedding(),
        recognizer.faces(photo(Fixtures.path("faces/att_orl/s3/5.pgm"))).get(0).embedding()
      };
      try (KnownPeople people = open(recognizer)) {
        assertThat(people.embedded()).isEqualTo(2);
        List<List<KnownPeople.Match>> found = people.search(asked, 5);
        assertThat(found.get(0)).hasSize(2);
        assertThat(found.get(0).get(0).name()).isEqualTo("ben");
        // the second face is of nobody known
        assertThat(found.get(1).get(0).cosine()).isLessThan(found.get(0).get(0).cosine());
      }
      try (KnownPeople people = open(recognizer)) {
        assertThat(people.embedded()).isZero();
      }
      // a person comes, a picture changes, a picture without a face comes, a person goes
      copy("s3/1.pgm", "carl/1.pgm");
      copy("s2/2.pgm", "ben/1.pgm");
      Files.setLastModifiedTime(
          folder.resolve("people/ben/1.pgm"), FileTime.fromMillis(1_700_000_000_000L));
      Files.write(
          folder.resolve("people/ben/empty.png"),
          ImageEncoder.png(new RgbImage(64, 64, new byte[3 * 64 * 64])));
      Files.delete(folder.resolve("people/anna/1.pgm"));
      try (KnownPeople people = open(recognizer)) {
        assertThat(people.embedded()).isEqualTo(3);
        assertThat(people.people()).isEqualTo(2);
        assertThat(people.pictures()).isEqualTo(2);
        assertThat(people.search(asked, 1).get(1).get(0).name()).isEqualTo("carl");
      }
      try (KnownPeople people = open(recognizer)) {
        assertThat(people.embedded()).isZero();
      }
      // a damaged index is made anew
      Files.writeString(folder.resolve("people.faces.safetensors"), "no index");
      Files.deleteIfExists(folder.resolve(".people.faces.safetensors.crc"));
      try (KnownPeople people = open(recognizer)) {
        assertThat(people.embedded()).isEqualTo(3);
      }
    }
    // another detector makes other faces
    try (Recognizer other = recognizer("scrfd_500m_kps.onnx");
        KnownPeople people = open(other)) {
      assertThat(people.embedded()).isEqualTo(3);
    }
  }

  /** A camera that moves over the photo of two people: the right one comes into view. */
  @Test
  void followsPeopleThroughAVideo() throws IOException {
    RgbImage both = photo(Fixtures.path("photos/s_l.jpg"));
    Path video = folder.resolve("pan.mp4");
    try (VideoFile out = new VideoFile(video, 10)) {
      for (int i = 0; i < 21; i++) {
        // odd sides: the codec wants even ones
        out.add(FloatImage.of(both).cropped(5 * i, 30, 301, 261).toBytes());
      }
      assertThat(video).doesNotExist();
      out.finish();
    }
    for (String side : List.of("left", "right")) {
      Path picture = folder.resolve("people/" + side + "/1.png");
      Files.createDirectories(picture.getParent());
      int x = side.equals("left") ? 110 : 230;
      Files.write(
          picture, ImageEncoder.png(FloatImage.of(both).cropped(x, 20, 140, 180).toBytes()));
    }
    Path marked = folder.resolve("marked.mp4");
    VideoRecognition.Summary summary;
    try (Recognizer recognizer = recognizer("scrfd_500m_kps.onnx");
        KnownPeople people = open(recognizer);
        VideoFrames frames = VideoFrames.open(video.toString());
        VideoFile out = new VideoFile(marked, frames.rate())) {
      assertThat(frames.rate()).isEqualTo(10);
      summary =
          new VideoRecognition(
                  recognizer, Optional.of(people), new VideoRecognition.Options(5, 0.6, 0))
              .run(frames, Optional.of(out), Optional.empty());
      out.finish();
    }
    assertThat(summary.frames()).isEqualTo(21);
    assertThat(summary.looks()).isEqualTo(5);
    assertThat(summary.people())
        .extracting(VideoRecognition.Sighting::name)
        .contains("left", "right");
    VideoRecognition.Sighting right =
        summary.people().stream().filter(s -> s.name().equals("right")).findFirst().orElseThrow();
    assertThat(right.lastSeconds()).isEqualTo(2.0);
    // the box around the left face is drawn in the last picture
    try (VideoFrames frames = VideoFrames.open(marked.toString())) {
      RgbImage last = null;
      for (Optional<RgbImage> next = frames.next(); next.isPresent(); next = frames.next()) {
        last = next.get();
      }
      assertThat(last.width()).isEqualTo(300);
      assertThat(last.height()).isEqualTo(260);
      assertThat(greenest(last, 30, 42, 40, 140)).isGreaterThan(60);
    }
    assertThatThrownBy(() -> new VideoFile(marked, 10)).hasMessageContaining("exists already");
  }

  /** How much greener than red and blue a region is at most. */
  private static int greenest(RgbImage image, int left, int right, int top, int bottom) {
    int most = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        int at = 3 * (y * image.width() + x);
        int red = image.rgb()[at] & 255;
        int green = image.rgb()[at + 1] & 255;
        int blue = image.rgb()[at + 2] & 255;
        most = Math.max(most, green - Math.max(red, blue));
      }
    }
    return most;
  }

  @Test
  void whatIsNoVideoIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("a.mp4"), "no video");
    assertThatThrownBy(() -> VideoFrames.open(text.toString()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("FFmpeg cannot read");
    Path list =
        Files.writeString(folder.resolve("list.m3u8"), "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n");
    assertThatThrownBy(() -> VideoFrames.open(list.toString())).isInstanceOf(UserError.class);
    assertThatThrownBy(() -> VideoFrames.open("http://127.0.0.1:1/a.mp4"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no such video file");
    assertThatThrownBy(() -> VideoFrames.open("97"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no such camera");
    assertThatThrownBy(() -> new VideoFile(folder.resolve("a.txt"), 10))
        .isInstanceOf(UserError.class);
  }

  @Test
  void marksFacesInTheirColours() {
    RgbImage black = new RgbImage(100, 80, new byte[3 * 100 * 80]);
    DetectedFace face = new DetectedFace(new Box(20, 30, 60, 70), 0.9, FaceLandmarks.TEMPLATE);
    RgbImage known =
        Annotation.draw(black, List.of(new Annotation(face, "anna", Annotation.Kind.KNOWN)));
    RgbImage unknown =
        Annotation.draw(black, List.of(new Annotation(face, "", Annotation.Kind.UNKNOWN)));
    int edge = 3 * (50 * 100 + 20);
    assertThat(known.rgb()[edge + 1] & 255).isGreaterThan(known.rgb()[edge] & 255);
    assertThat(unknown.rgb()[edge] & 255).isGreaterThan(unknown.rgb()[edge + 1] & 255);
    assertThat(black.rgb()).containsOnly(0);
  }

  @Test
  void oneFaceOfACosineIsOne() throws IOException {
    try (Recognizer recognizer = recognizer("scrfd_500m_kps.onnx")) {
      List<RecognizedFace> faces = recognizer.faces(photo(Fixtures.path("photos/s_l.jpg")));
      assertThat(faces).hasSize(2);
      assertThat(Vectors.norm(faces.get(0).embedding())).isBetween(0.99999, 1.00001);
      assertThat(Vectors.dot(faces.get(0).embedding(), faces.get(1).embedding())).isLessThan(0.5);
    }
  }
}
