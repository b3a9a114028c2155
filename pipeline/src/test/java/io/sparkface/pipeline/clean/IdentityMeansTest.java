package io.sparkface.pipeline.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.prepare.FaceInput;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.GrownSet;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real faces cleaned by a published network that was trained on others. */
class IdentityMeansTest {
  private static final Configuration HADOOP = new Configuration();
  private static final int PEOPLE = 20;
  private static final int PICTURES = 10;

  @TempDir static Path folder;

  private static String model;
  private static final Set<String> wrong = new HashSet<>();

  /** Two files of ten people each; of every ninth picture the next person's name is given. */
  @BeforeAll
  static void prepare() throws IOException {
    model = Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx").toString();
    List<Path> people;
    try (Stream<Path> all = Files.list(Fixtures.path("faces/lfw_128"))) {
      people = all.filter(Files::isDirectory).sorted().limit(PEOPLE).toList();
    }
    int count = 0;
    for (int person = 0; person < PEOPLE; person++) {
      String half = person < PEOPLE / 2 ? "a" : "b";
      try (Stream<Path> pictures = Files.list(people.get(person))) {
        for (Path picture : pictures.sorted().limit(PICTURES).toList()) {
          boolean moved = count++ % 9 == 4;
          int shown = moved ? person / 10 * 10 + (person + 1) % 10 : person;
          Path target =
              Path.of(people.get(shown).getFileName().toString(), picture.getFileName().toString());
          Path link = folder.resolve(half).resolve(target);
          Files.createDirectories(link.getParent());
          Files.createSymbolicLink(link, picture.toAbsolutePath());
          if (moved) {
            wrong.add(target.toString());
          }
        }
      }
    }
    prepare("a", "first", Optional.empty());
    prepare(
        "b", "faces", Optional.of(new GrownSet.Options(at("first"), GrownSet.SameNames.REFUSE)));
  }

  private static void prepare(String input, String output, Optional<GrownSet.Options> addTo)
      throws IOException {
    new FaceSetPreparation(
            LocalSpark.session(),
            new FaceSetPreparation.Options(
                FaceInput.Options.all(at(input), 0),
                at(output),
                FaceSetPreparation.Layout.SHUFFLED,
                1,
                StagedOutput.Existing.REFUSE,
                addTo))
        .run();
  }

  private static String at(String name) {
    return folder.resolve(name).toString();
  }

  private static Cleaning cleaning(String output, double degrees) {
    return new Cleaning(
        LocalSpark.session(),
        new Cleaning.Options(
            model,
            CentreKind.MEANS,
            Normalisation.IMAGENET,
            at("faces"),
            degrees,
            at(output),
            Cleaning.Output.INDEX,
            StagedOutput.Existing.REFUSE));
  }

  private static Set<String> dropped(String output) throws IOException {
    Set<String> sources = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder.resolve(output))) {
      for (Path file :
          files.filter(one -> one.getFileName().toString().matches("dropped-.*l")).toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode image = new ObjectMapper().readTree(line);
          assertThat(image.get("why").asText()).isEqualTo("far from the identity mean");
          assertThat(image.get("degrees").asDouble()).isGreaterThan(70);
          sources.add(image.get("source").asText());
        }
      }
    }
    return sources;
  }

  private static IdentityMeans means(String model, Normalisation input) {
    return IdentityMeans.of(
        JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()), model, input);
  }

  private static org.apache.hadoop.fs.Path hadoop(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }

  @Test
  void dropsThePicturesOfOtherPeople() throws IOException {
    double usual = CentreKind.of(model).usualDegrees();
    Cleaning.Outlook outlook = cleaning("clean", usual).outlook();
    assertThat(outlook.centre()).isEqualTo("identity mean");
    assertThat(outlook.subCentres()).isEqualTo(1);
    Cleaning.Result result = cleaning("clean", usual).run();
    assertThat(result.images()).isEqualTo(PEOPLE * PICTURES);
    assertThat(result.identitiesLeft()).isEqualTo(PEOPLE);
    assertThat(dropped("clean")).isEqualTo(new TreeSet<>(wrong));
    assertThat(FaceSet.open(hadoop(at("clean")), HADOOP).manifest().options())
        .containsEntry("centre", "identity mean")
        .containsEntry("angle", "70.0");
  }

  @Test
  void goesOnWithTheEmbeddingsThatAreThere() throws IOException {
    FaceSet faces = FaceSet.open(hadoop(at("faces")), HADOOP);
    assertThat(faces.files()).hasSizeGreaterThan(1);
    IdentityMeans means = means(model, Normalisation.IMAGENET);
    var work = means.workDirectory(hadoop(at("again")), faces);
    Path directory = Path.of(work.toUri().getPath());
    double least = DominantCentres.leastCosine(70);
    means.cosines(faces, work, least);
    byte[] last = Files.readAllBytes(directory.resolve("round-2/cosines-00001.parquet"));
    // killed while it embedded the second file, and another time while it measured
    Files.delete(directory.resolve("shard-00001.parquet"));
    Files.writeString(directory.resolve(".shard-00001.parquet.7.tmp"), "cut");
    Files.writeString(directory.resolve("round-1/cosines-00000.parquet"), "cut");
    FileTime kept = Files.getLastModifiedTime(directory.resolve("shard-00000.parquet"));
    assertThat(cleaning("again", 75).outlook().shardsThere()).isEqualTo(faces.files().size() - 1);
    means.cosines(faces, work, least);
    assertThat(Files.getLastModifiedTime(directory.resolve("shard-00000.parquet"))).isEqualTo(kept);
    assertThat(directory.resolve("round-2/cosines-00001.parquet")).hasBinaryContent(last);
    cleaning("again", 70).run();
    assertThat(dropped("again")).isEqualTo(new TreeSet<>(wrong));
    assertThat(directory).doesNotExist();
  }

  @Test
  void anotherModelOrOtherPixelsHaveEmbeddingsOfTheirOwn() throws IOException {
    FaceSet faces = FaceSet.open(hadoop(at("faces")), HADOOP);
    String other = model.replace("MobileFaceNet.onnx", "mobilefacenet_opset11.onnx");
    assertThat(
            Stream.of(
                    means(model, Normalisation.IMAGENET),
                    means(model, Normalisation.FACE),
                    means(other, Normalisation.FACE))
                .map(one -> one.workDirectory(hadoop(at("clean")), faces))
                .distinct())
        .hasSize(3);
  }

  @Test
  void aHeadIsNotAskedForWhereThereIsNone() {
    Cleaning cleaning =
        new Cleaning(
            LocalSpark.session(),
            new Cleaning.Options(
                model,
                at("faces"),
                70,
                at("never"),
                Cleaning.Output.INDEX,
                StagedOutput.Existing.REFUSE));
    assertThatThrownBy(cleaning::run)
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no centres of this set's identities")
        .hasMessageContaining("--centres means");
  }
}
