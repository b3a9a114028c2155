package io.sparkface.pipeline.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.datasets.faces.Embedding;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.evaluate.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeanRoundTest {
  private static final Configuration HADOOP = new Configuration();
  private static final double LEAST = DominantCentres.leastCosine(70);

  @TempDir Path folder;

  private static MeanRound.Row row(float before, float... unit) {
    return new MeanRound.Row(7, 0, unit, before);
  }

  @Test
  void anImageHasNoPartInItsOwnMean() {
    // the other two point along x; with its own part it would be nearer
    assertThat(MeanRound.cosine(row(1, 0, 1), new float[] {2, 1}, LEAST)).isZero();
    assertThat(MeanRound.cosine(row(1, 1, 0), new float[] {2, 1}, LEAST))
        .isCloseTo((float) Math.sqrt(.5), within(1e-6f));
  }

  @Test
  void anImageThatDidNotCountIsNotTakenOut() {
    assertThat(MeanRound.counts(row((float) LEAST - 1e-6f, 0, 1), LEAST)).isFalse();
    assertThat(MeanRound.cosine(row(0, .6f, .8f), new float[] {2, 0}, LEAST))
        .isCloseTo(.6f, within(1e-6f));
  }

  @Test
  void withoutOthersItKeepsTheCosineItHad() {
    assertThat(MeanRound.cosine(row(1, .6f, .8f), new float[] {.6f, .8f}, LEAST)).isEqualTo(1);
    assertThat(MeanRound.cosine(row(.5f, .6f, .8f), new float[] {.6f, .8f}, LEAST)).isEqualTo(.5f);
  }

  /** Two files, four identities, two rounds, beside the definition worked out row by row. */
  @Test
  void roundsOverFilesAreWhatTheDefinitionSays() throws IOException {
    Random random = new Random(3);
    List<Embedding> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      // identity 3 has one image only, a third of the others' images are of no identity
      int label = i == 59 ? 3 : i % 3;
      float[] values = new float[8];
      for (int d = 0; d < 8; d++) {
        values[d] = (float) random.nextGaussian() * .4f;
      }
      values[i % 3 == 0 && i % 2 == 0 ? 7 : label] += 1;
      rows.add(new Embedding(1000 + i, label, Vectors.normalised(values)));
    }
    List<String> shards =
        List.of(write(rows.subList(0, 25), "a"), write(rows.subList(25, 60), "b"));
    double[] expected = new double[60];
    java.util.Arrays.fill(expected, 1);
    List<String> found = null;
    for (int number = 1; number <= 2; number++) {
      found =
          new MeanRound(
                  JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()),
                  shards,
                  Optional.ofNullable(found),
                  LEAST,
                  new org.apache.hadoop.fs.Path(folder.resolve("round-" + number).toString()))
              .cosines(4);
      expected = definition(rows, expected);
    }
    List<Double> cosines = new ArrayList<>();
    List<Long> keys = new ArrayList<>();
    for (String file : found) {
      try (EmbeddingFile in = EmbeddingFile.open(new org.apache.hadoop.fs.Path(file), HADOOP)) {
        in.read()
            .forEachRemaining(
                row -> {
                  keys.add(row.key());
                  cosines.add((double) row.values()[0]);
                });
      }
    }
    assertThat(keys).isEqualTo(rows.stream().map(Embedding::key).toList());
    for (int i = 0; i < expected.length; i++) {
      assertThat(cosines.get(i)).as("row %d", i).isCloseTo(expected[i], within(1e-6));
    }
    assertThat(cosines.get(59)).isEqualTo(1);
    assertThat(cosines.stream().filter(cosine -> cosine <= LEAST)).isNotEmpty();
  }

  private static double[] definition(List<Embedding> rows, double[] before) {
    double[] cosines = new double[before.length];
    for (int i = 0; i < before.length; i++) {
      float[] others = new float[8];
      int count = 0;
      for (int j = 0; j < before.length; j++) {
        if (j != i && rows.get(j).label() == rows.get(i).label() && before[j] > LEAST) {
          count++;
          for (int d = 0; d < 8; d++) {
            others[d] += rows.get(j).values()[d];
          }
        }
      }
      cosines[i] =
          count == 0 ? before[i] : Vectors.dot(rows.get(i).values(), others) / Vectors.norm(others);
    }
    return cosines;
  }

  private String write(List<Embedding> rows, String name) throws IOException {
    Path file = Files.createDirectories(folder).resolve(name + ".parquet");
    try (EmbeddingFile.Writer out =
        new EmbeddingFile.Writer(
            new org.apache.hadoop.fs.Path(file.toString()),
            HADOOP,
            EmbeddingFile.Precision.FLOAT32)) {
      for (Embedding row : rows) {
        out.write(row);
      }
    }
    return file.toString();
  }
}
