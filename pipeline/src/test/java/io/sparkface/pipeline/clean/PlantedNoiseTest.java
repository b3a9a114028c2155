package io.sparkface.pipeline.clean;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.datasets.Fixtures;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.models.margin.ArcFace;
import io.sparkface.models.margin.CosineHead;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.embed.Embedder;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

/**
 * Real faces (lfw_128), of which some have another person's name: how many of them are found by the
 * sub-centres of a head trained with these names, by its one centre, as a baseline, and by the
 * means of a published network's embeddings.
 *
 * <p>Heads are trained on that network's embeddings, alone or with two layers between. The layers
 * stand for a network that is trained with the wrong names, as in the paper (Sub-center ArcFace,
 * ECCV 2020): it can learn them by heart. Embeddings that stay as they are cannot be bent.
 */
@Tag("slow")
class PlantedNoiseTest {
  private static final Configuration HADOOP = new Configuration();
  private static final int WIDTH = 128;
  private static final int BATCH = 64;
  private static final int EPOCHS = 10;
  private static final double RATE = 0.1;

  private static List<Path> pictures;
  private static int[] people;
  private static INDArray embeddings;

  @TempDir Path folder;

  /** Share of dropped images that are wrong, and of wrong images that are dropped. */
  private record Score(double degrees, double precision, double recall) {
    double f1() {
      return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
  }

  @BeforeAll
  static void embed() throws IOException {
    Path root = Fixtures.path("faces/lfw_128");
    String model = Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx").toString();
    try (Stream<Path> all = Files.walk(root)) {
      pictures = all.filter(Files::isRegularFile).sorted().toList();
    }
    List<Path> folders = pictures.stream().map(Path::getParent).distinct().toList();
    people = pictures.stream().mapToInt(one -> folders.indexOf(one.getParent())).toArray();
    float[][] rows = new float[pictures.size()][];
    try (Embedder network = Embedder.open(model, Normalisation.IMAGENET, HADOOP)) {
      for (int from = 0; from < rows.length; from += BATCH) {
        List<RgbImage> batch = new ArrayList<>();
        for (Path picture : pictures.subList(from, Math.min(from + BATCH, rows.length))) {
          batch.add(ImageDecoder.decode(Files.readAllBytes(picture), picture.toString()));
        }
        float[][] embedded = network.embed(batch);
        System.arraycopy(embedded, 0, rows, from, embedded.length);
      }
    }
    embeddings = Nd4j.createFromArray(rows);
    // each number has a variance of one, as behind a normalisation
    embeddings.diviColumnVector(embeddings.norm2(1)).muli(Math.sqrt(WIDTH));
  }

  /** The person each picture is said to show. */
  private static int[] names(double noise) {
    Random random = new Random(1);
    int count = Arrays.stream(people).max().orElseThrow() + 1;
    return Arrays.stream(people)
        .map(
            person ->
                random.nextDouble() < noise
                    ? (person + 1 + random.nextInt(count - 1)) % count
                    : person)
        .toArray();
  }

  private enum Trained {
    HEAD_ALONE,
    LAYERS_TOO
  }

  /** ArcFace with its usual margin and scale. */
  private static ComputationGraph graph(Trained trained, int classes, int subCentres) {
    // no workspaces: those of stock layers and ours are not the same ones
    var graph =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .dataType(DataType.FLOAT)
            .updater(new Nesterovs(RATE, 0.9))
            .l2(5e-4)
            .trainingWorkspaceMode(WorkspaceMode.NONE)
            .inferenceWorkspaceMode(WorkspaceMode.NONE)
            .graphBuilder()
            .addInputs("faces");
    String last = "faces";
    if (trained == Trained.LAYERS_TOO) {
      int hidden = 4 * WIDTH;
      graph
          .addLayer("wide", dense(WIDTH, hidden), "faces")
          .addLayer("wide_bn", normalised(hidden), "wide")
          .addLayer("relu", new ActivationLayer(Activation.RELU), "wide_bn")
          .addLayer("narrow", dense(hidden, WIDTH), "relu")
          .addLayer("embedding", normalised(WIDTH), "narrow");
      last = "embedding";
    }
    CosineHead head = new CosineHead(WIDTH, classes, subCentres, new ArcFace(1, 0.5, 0, 64));
    ComputationGraph built =
        new ComputationGraph(graph.addLayer("margin", head, last).setOutputs("margin").build());
    built.init();
    return built;
  }

  private static DenseLayer dense(int in, int out) {
    return new DenseLayer.Builder()
        .nIn(in)
        .nOut(out)
        .activation(Activation.IDENTITY)
        .weightInit(WeightInit.XAVIER)
        .build();
  }

  private static BatchNormalization normalised(int width) {
    return new BatchNormalization.Builder().nIn(width).nOut(width).decay(0.9).build();
  }

  /** Degrees from each picture to the dominant sub-centre of the person it is said to show. */
  private static double[] degrees(Trained trained, int subCentres, int[] names) {
    int classes = Arrays.stream(people).max().orElseThrow() + 1;
    ComputationGraph graph = graph(trained, classes, subCentres);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      order.add(i);
    }
    Random random = new Random(1);
    double rate = RATE;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      if (epoch == EPOCHS / 2 || epoch == EPOCHS * 3 / 4) {
        rate /= 5;
        graph.setLearningRate(rate);
      }
      Collections.shuffle(order, random);
      for (int from = 0; from + BATCH <= order.size(); from += BATCH) {
        int[] rows = order.subList(from, from + BATCH).stream().mapToInt(row -> row).toArray();
        float[][] labels = new float[BATCH][];
        Arrays.setAll(labels, i -> new float[] {names[rows[i]]});
        graph.fit(new DataSet(embeddings.getRows(rows), Nd4j.createFromArray(labels)));
      }
    }
    float[][] features =
        trained == Trained.HEAD_ALONE
            ? embeddings.toFloatMatrix()
            : graph.output(List.of("embedding"), false, new INDArray[] {embeddings}, null)[0]
                .toFloatMatrix();
    SubCentres centres = SubCentres.of(graph.paramTable().get("margin_W"), classes, subCentres);
    DominantCentres.Votes votes = new DominantCentres.Votes(classes, subCentres);
    float[][] cosines = new float[names.length][];
    for (int i = 0; i < names.length; i++) {
      cosines[i] = centres.cosines(features[i], names[i]);
      votes.add(names[i], cosines[i]);
    }
    int[] dominant = votes.rule(CentreKind.HEAD.usualDegrees()).dominant();
    double[] degrees = new double[names.length];
    Arrays.setAll(
        degrees,
        i -> Math.toDegrees(Math.acos(Math.max(-1, Math.min(1, cosines[i][dominant[names[i]]])))));
    return degrees;
  }

  private static Score score(double[] degrees, int[] names, double angle) {
    int dropped = 0;
    int hits = 0;
    int wrong = 0;
    for (int i = 0; i < names.length; i++) {
      boolean planted = names[i] != people[i];
      wrong += planted ? 1 : 0;
      dropped += degrees[i] >= angle ? 1 : 0;
      hits += planted && degrees[i] >= angle ? 1 : 0;
    }
    return new Score(angle, dropped == 0 ? 1 : (double) hits / dropped, (double) hits / wrong);
  }

  /** At the angle that suits it best. */
  private static Score best(double[] degrees, int[] names) {
    return IntStream.range(20, 120)
        .mapToObj(angle -> score(degrees, names, angle))
        .max(Comparator.comparingDouble(Score::f1))
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3})
  void subCentresFindMoreThanOneCentreWhereNamesCanBeLearntByHeart(double noise) {
    int[] names = names(noise);
    double usual = CentreKind.HEAD.usualDegrees();
    for (Trained trained : Trained.values()) {
      double[] three = degrees(trained, 3, names);
      double[] one = degrees(trained, 1, names);
      System.out.printf(
          "noise %.0f%%, %s: three sub-centres %s, best %s; one centre %s, best %s%n",
          100 * noise,
          trained,
          score(three, names, usual),
          best(three, names),
          score(one, names, usual),
          best(one, names));
      if (trained == Trained.LAYERS_TOO) {
        assertThat(best(three, names).f1()).isGreaterThan(best(one, names).f1() + 0.005);
        assertThat(score(three, names, usual).precision()).isGreaterThan(0.95);
        assertThat(score(three, names, usual).recall())
            .isGreaterThan(score(one, names, usual).recall() + 0.3);
      } else {
        assertThat(best(three, names).f1()).isGreaterThan(0.95);
        assertThat(best(one, names).f1()).isGreaterThan(0.95);
      }
    }
  }

  /** Links the pictures into the folders of the people they are said to show; the wrong ones. */
  private static Set<String> plant(Path into, int[] names) throws IOException {
    List<Path> folders = pictures.stream().map(Path::getParent).distinct().toList();
    Set<String> wrong = new HashSet<>();
    for (int i = 0; i < names.length; i++) {
      Path picture = pictures.get(i);
      Path target =
          into.resolve(folders.get(names[i]).getFileName()).resolve(picture.getFileName());
      Files.createDirectories(target.getParent());
      Files.createSymbolicLink(target, picture.toAbsolutePath());
      if (names[i] != people[i]) {
        wrong.add(into.relativize(target).toString());
      }
    }
    return wrong;
  }

  /** The images that were dropped, by their paths. */
  private static Set<String> dropped(Path clean) throws IOException {
    Set<String> sources = new HashSet<>();
    try (Stream<Path> lists = Files.list(clean)) {
      for (Path list :
          lists.filter(file -> file.getFileName().toString().matches("dropped-.*l")).toList()) {
        for (String line : Files.readAllLines(list)) {
          sources.add(new ObjectMapper().readTree(line).get("source").asText());
        }
      }
    }
    return sources;
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
  @CsvSource({"0.1, 0.98, 0.95", "0.3, 0.97, 0.98"})
  void meansOfAPublishedNetworksEmbeddingsFindNearlyAll(
      double noise, double leastRecall, double leastPrecision) throws IOException {
    Path model = Fixtures.path("models/mobilefacenet_onnx/MobileFaceNet.onnx");
    Path noisy = folder.resolve("noisy");
    Set<String> wrong = plant(noisy, names(noise));
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
      Set<String> dropped = dropped(clean);
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
