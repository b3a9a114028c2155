package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.datasets.verification.VerificationBin;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole way on real faces: person folders, training with sub-centres, cleaning, a teacher of
 * others and its student, each measured on pairs of people who are in no training set. Some ten
 * minutes on two cores.
 */
@Tag("slow")
class LfwRoadTest {
  private static final int TRAINED = 100;
  private static final int PAIRS = 600;
  private static final String NETWORK =
      """
      network { image-size = 64, embedding-size = 128, batch-norm-momentum = 0.9 }
      data { batch-size = 64, random-status = 1 }
      optimiser.learning-rate = 0.05
      """;

  @TempDir Path folder;

  @Test
  void accuracyOnPeopleLeftOutRisesOverEpochs() throws IOException, InterruptedException {
    List<Path> people = sorted(Fixtures.path("faces/lfw_128"));
    Path train = Files.createDirectory(folder.resolve("train"));
    for (Path person : people.subList(0, TRAINED)) {
      Files.createSymbolicLink(train.resolve(person.getFileName()), person);
    }
    writePairs(people.subList(TRAINED, people.size()));

    assertThat(submit("prepare", "--input", "train", "--output", "faces").get("images").asInt())
        .isEqualTo(2002);
    JsonNode teacher =
        train(
            "run1",
            """
            stages = [
              { epochs = 3, loss = NormSoftmax, scale = 16, sub-centres = 3 }
              { epochs = 4, loss = { name = ArcfaceLoss, margin2 = 0.3 }, scale = 32, sub-centres = 3 }
            ]
            """,
            "data.faces=faces");
    assertRises(teacher, "accuracy", 0.3);
    assertRises(teacher, "held", 0.08);

    JsonNode cleaned =
        submit("drop-topk", "--model", "run1/model", "--data", "faces", "--output", "clean");
    assertThat(cleaned.get("dropped").asInt()).isBetween(1, 400);
    JsonNode evaluated = submit("evaluate", "--model", "run1/model", "--pairs", "held.bin");
    assertThat(evaluated.get("held").get("accuracy").asDouble()).isEqualTo(last(teacher, "held"));

    submit(
        "distill",
        "--model",
        Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx").toString(),
        "--normalisation",
        "imagenet",
        "--data",
        "clean",
        "--output",
        "embeddings");
    JsonNode student =
        train(
            "run2",
            "stages = [{ epochs = 5, loss = ArcfaceLoss, scale = 16, distill = 64 }]",
            "data.faces=clean",
            "data.embeddings=embeddings");
    assertRises(student, "accuracy", 0.2);
    assertRises(student, "held", 0.1);
  }

  private static void assertRises(JsonNode history, String curve, double least) {
    assertThat(last(history, curve) - history.get(curve).get(0).asDouble())
        .as("%s: %s", curve, history.get(curve))
        .isGreaterThan(least);
  }

  private static double last(JsonNode history, String curve) {
    return history.get(curve).get(history.get(curve).size() - 1).asDouble();
  }

  /** A run's history. */
  private JsonNode train(String output, String stages, String... settings)
      throws IOException, InterruptedException {
    Path plan = Files.writeString(folder.resolve(output + ".conf"), NETWORK + stages);
    List<String> words = new ArrayList<>(List.of("train", "--conf", plan.toString()));
    for (String setting : settings) {
      words.addAll(List.of("--set", setting));
    }
    words.addAll(List.of("--set", "evaluate=[\"held.bin\"]", "--output", output));
    return submit(words.toArray(String[]::new)).get("history");
  }

  private JsonNode submit(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--json");
    try (Submission job = Submission.start(folder, Map.of(), all.toArray(String[]::new))) {
      assertThat(job.await()).as(job.err()).isZero();
      return new ObjectMapper().readTree(job.out());
    }
  }

  private void writePairs(List<Path> people) throws IOException {
    Random random = new Random(1);
    List<FacePair> pairs = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      boolean same = i % 2 == 0;
      int person = random.nextInt(people.size());
      int other = same ? person : (person + 1 + random.nextInt(people.size() - 1)) % people.size();
      List<Path> first = sorted(people.get(person));
      List<Path> second = sorted(people.get(other));
      int one = random.nextInt(first.size());
      int two =
          same
              ? (one + 1 + random.nextInt(first.size() - 1)) % first.size()
              : random.nextInt(second.size());
      pairs.add(
          new FacePair(
              i, Files.readAllBytes(first.get(one)), Files.readAllBytes(second.get(two)), same));
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve("held.bin"))) {
      VerificationBin.write(out, pairs);
    }
  }

  private static List<Path> sorted(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }
}
