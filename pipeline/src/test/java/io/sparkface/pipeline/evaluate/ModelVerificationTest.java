package io.sparkface.pipeline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.LocalSpark;
import io.sparkface.pipeline.SmallModel;
import io.sparkface.pipeline.embed.Embedder;
import io.sparkface.pipeline.embed.EmbeddingCache;
import io.sparkface.pipeline.embed.ViewEmbeddings;
import io.sparkface.pipeline.embed.Views;
import io.sparkface.pipeline.synthetic.SyntheticFaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelVerificationTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;
  private String model;
  private PairSet set;

  @BeforeEach
  void drawPairs() throws IOException {
    new SyntheticFaces(new SyntheticFaces.Options(2, 1, 32, 0, 75, 1))
        .write(new org.apache.hadoop.fs.Path(folder.resolve("rec").toString()), HADOOP);
    set = PairSet.open(folder.resolve("rec/heldout.bin").toString(), HADOOP);
    model = SmallModel.write(folder.resolve("model"));
  }

  private ModelVerification.Scored verify(PairSet.Flip flip, int components, Optional<String> cache)
      throws IOException {
    return new ModelVerification(
            JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext()),
            new ModelVerification.Options(Normalisation.FACE, flip, components, cache))
        .of(model, set);
  }

  @Test
  void executorsGiveWhatOneNetworkGives() throws IOException {
    for (PairSet.Flip flip : PairSet.Flip.values()) {
      double[] distributed = verify(flip, 0, Optional.empty()).embeddings().cosines();
      try (Embedder embedder = Embedder.open(model, Normalisation.FACE, HADOOP)) {
        double[] direct = set.cosines(embedder, flip);
        for (int i = 0; i < direct.length; i++) {
          assertThat(distributed[i]).isCloseTo(direct[i], within(1e-5));
        }
      }
    }
  }

  @Test
  void keptEmbeddingsAreUsedUntilTheModelChanges() throws IOException {
    Optional<String> cache = Optional.of(folder.resolve("cache").toString());
    Verification first = verify(PairSet.Flip.SUM, 0, cache).verification();
    List<Path> files;
    try (var list = Files.list(folder.resolve("cache"))) {
      files = list.filter(file -> file.toString().endsWith(".safetensors")).toList();
    }
    assertThat(files).hasSize(1);
    String key = files.get(0).getFileName().toString().replace(".safetensors", "");
    EmbeddingCache kept = new EmbeddingCache(cache.get(), HADOOP);
    ViewEmbeddings embeddings = kept.find(key, Views.PLAIN_AND_MIRRORED).orElseThrow();
    assertThat(verify(PairSet.Flip.SUM, 0, cache).verification()).isEqualTo(first);
    // others in their place show that they are read
    float[][] ones = new float[embeddings.size()][SmallModel.WIDTH];
    for (float[] row : ones) {
      java.util.Arrays.fill(row, 1);
    }
    kept.store(key, new ViewEmbeddings(ones, Optional.of(ones)));
    assertThat(DoubleStream.of(verify(PairSet.Flip.SUM, 0, cache).embeddings().cosines()))
        .allMatch(cosine -> Math.abs(cosine - 1) < 1e-6);
    model = SmallModel.write(folder.resolve("another"));
    assertThat(DoubleStream.of(verify(PairSet.Flip.SUM, 0, cache).embeddings().cosines()))
        .anyMatch(cosine -> Math.abs(cosine - 1) > 1e-6);
  }

  @Test
  void foldsCanBeMeasuredOnComponents() throws IOException {
    assertThat(verify(PairSet.Flip.SUM, 4, Optional.empty()).verification().tenFoldAccuracy())
        .isBetween(0.0, 1.0);
    assertThatThrownBy(() -> verify(PairSet.Flip.SUM, 17, Optional.empty()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("at most 16");
  }
}
