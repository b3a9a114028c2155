package io.sparkface.pipeline.clean;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.plan.PlanFile;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.train.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real faces (lfw_128), of which some are moved into another person's folder: how many of them
 * drop-topk finds: with three sub-centres and, as a baseline, with one centre, by the best
 * precision and recall over angles of both; and by the means of a published network's embeddings.
 */
@Tag("slow")
class PlantedNoiseTest {
  private static final Configuration HADOOP = new Configuration();
  private static final double SMALLEST_ANGLE = 35;
  private static final String PLAN =
      """
      network { image-size = 48, embedding-size = 128, batch-norm-momentum = 0.9 }
      data { faces = "%s", batch-size = 64, random-status = 0 }
      optimiser.learning-rate = 0.1
      stage-defaults.scale = 32
      stages = [{ epochs = %d, sub-centres = %d }]
      """;

  @TempDir Path folder;

  /** Share of dropped images that are wrong, and of wrong images that are dropped. */
  private record Score(double degrees, double precision, double recall) {
    double f1() {
      return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
  }

  /** Links lfw_128 into folders, some pictures into a wrong one; the wrong ones' paths. */
  private Set<String> plant(Path into, double noise) throws IOException {
    List<Path> people;
    try (Stream<Path> all = Files.list(Fixtures.path("faces/lfw_128"))) {
      people = all.filter(Files::isDirectory).sorted().toList();
    }
    Random random = new Random(1);
    Set<String> wrong = new HashSet<>();
    for (int person = 0; person < people.size(); person++) {
      try (Stream<Path> pictures = Files.list(people.get(person))) {
        for (Path picture : pictures.sorted().toList()) {
          boolean moved = random.nextDouble() < noise;
          int shown =
              (person + (moved ? 1 + random.nextInt(people.size() - 1) : 0)) % people.size();
          Path target =
              into.resolve(people.get(shown).getFileName()).resolve(picture.getFileName());
          Files.createDirectories(target.getParent());
          Files.createSymbolicLink(target, picture.toAbsolutePath());
          if (moved) {
            wrong.add(into.relativize(target).toString());
          }
        }
      }
    }
    return wrong;
  }

  private Score best(String name, int subCentres, Path faces, Set<String> wrong)
      throws IOException {
    int epochs = Integer.getInteger("sparkface.noise.epochs", 12);
    String model =
        new TrainingRun(
                PlanFile.parse(PLAN.formatted(faces, epochs, subCentres), "plan.conf", List.of())
                    .plan(),
                folder.resolve(name).toString(),
                HADOOP)
            .run()
            .model();
    Path clean = folder.resolve(name + "-clean");
    new Cleaning(
            LocalSpark.session(),
            new Cleaning.Options(
                model,
                faces.toString(),
                SMALLEST_ANGLE,
                clean.toString(),
                Cleaning.Output.INDEX,
                StagedOutput.Existing.REFUSE))
        .run();
    Map<String, Double> degrees = dropped(clean);
    List<Score> scores = new ArrayList<>();
    for (double angle = SMALLEST_ANGLE; angle < 120; angle++) {
      double least = angle;
      long dropped = degrees.values().stream().filter(value -> value >= least).count();
      long hits = wrong.stream().filter(path -> degrees.getOrDefault(path, 0.0) >= least).count();
      if (dropped > 0) {
        scores.add(new Score(angle, (double) hits / dropped, (double) hits / wrong.size()));
      }
    }
    return scores.stream().max((a, b) -> Double.compare(a.f1(), b.f1())).orElse(new Score(0, 0, 0));
  }

  /** Angles of the images that were dropped, by their paths. */
  private static Map<String, Double> dropped(Path clean) throws IOException {
    Map<String, Double> degrees = new HashMap<>();
    try (Stream<Path> lists = Files.list(clean)) {
      for (Path list : lists.filter(file -> file.toString().endsWith(".jsonl")).toList()) {
        for (String line : Files.readAllLines(list)) {
          JsonNode image = new ObjectMapper().readTree(line);
          if (image.has("degrees")) {
            degrees.put(image.get("source").asText(), image.get("degrees").asDouble());
          }
        }
      }
    }
    return degrees;
  }

  private Path prepared(Path noisy) throws IOException {
    Path faces = folder.resolve("faces");
    new FaceSetPreparation(
            LocalSpark.session(),
            new FaceSetPreparation.Options(
                noisy.toString(), faces.toString(), 1, 0, StagedOutput.Existing.REFUSE))
        .run();
    return faces;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3})
  void subCentresFindMoreThanOneCentre(double noise) throws IOException {
    Path noisy = folder.resolve("noisy");
    Set<String> wrong = plant(noisy, noise);
    Path faces = prepared(noisy);
    Score several = best("three", 3, faces, wrong);
    Score one = best("one", 1, faces, wrong);
    System.out.printf(
        "noise %.0f%%: %d wrong; three sub-centres %s F1 %.3f; one centre %s F1 %.3f%n",
        100 * noise, wrong.size(), several, several.f1(), one, one.f1());
    assertThat(several.f1()).isGreaterThan(one.f1());
  }

  @ParameterizedTest
  @CsvSource({"0.1, 0.98, 0.95", "0.3, 0.97, 0.98"})
  void meansOfAPublishedNetworksEmbeddingsFindNearlyAll(
      double noise, double leastRecall, double leastPrecision) throws IOException {
    Path model = Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx");
    Path noisy = folder.resolve("noisy");
    Set<String> wrong = plant(noisy, noise);
    Path faces = prepared(noisy);
    for (double degrees : new double[] {60, 65, 75, CentreKind.MEANS.usualDegrees()}) {
      Path clean = folder.resolve("clean-" + degrees);
      new Cleaning(
              LocalSpark.session(),
              new Cleaning.Options(
                  model.toString(),
                  CentreKind.MEANS,
                  Normalisation.IMAGENET,
                  faces.toString(),
                  degrees,
                  clean.toString(),
                  Cleaning.Output.INDEX,
                  StagedOutput.Existing.REFUSE))
          .run();
      Set<String> dropped = dropped(clean).keySet();
      double hits = wrong.stream().filter(dropped::contains).count();
      Score score = new Score(degrees, hits / dropped.size(), hits / wrong.size());
      System.out.printf("noise %.0f%%: %d wrong; means %s%n", 100 * noise, wrong.size(), score);
      if (degrees == CentreKind.MEANS.usualDegrees()) {
        assertThat(score.recall()).isGreaterThan(leastRecall);
        assertThat(score.precision()).isGreaterThan(leastPrecision);
      }
    }
  }
}
