package io.sparkface.pipeline.clean;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.embed.EmbeddingCache;
import io.sparkface.pipeline.embed.EmbeddingPass;
import io.sparkface.pipeline.embed.EmbeddingShards;
import io.sparkface.pipeline.evaluate.Vectors;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The mean of an identity's embeddings, each of unit length, in place of a trained centre: so any
 * network can clean a set, whatever it was trained on.
 *
 * <p>The images of a wrong label pull a mean towards themselves, so it is taken twice: over all
 * images, then over those within the angle of the first. No image has part in the mean it is
 * measured against, or those of small identities would all agree with themselves: one of three has
 * at least a third of the mean.
 *
 * <p>Embeddings are kept in shards, which a job started again, also with another angle, goes on
 * with. No process holds more than one mean per identity: 4 bytes * identities * width, 174 MB at
 * 85,000 identities and 512 numbers. The driver holds none.
 */
final class IdentityMeans implements Centres {
  private static final int ROUNDS = 2;

  private final JavaSparkContext spark;
  private final String model;
  private final Normalisation input;

  private IdentityMeans(JavaSparkContext spark, String model, Normalisation input) {
    this.spark = spark;
    this.model = model;
    this.input = input;
  }

  /**
   * @param input how pixels are scaled for a model that does not say itself
   * @throws UserError when the model cannot be read
   */
  static IdentityMeans of(JavaSparkContext spark, String model, Normalisation input) {
    IdentityMeans means = new IdentityMeans(spark, model, input);
    means.pass().open().close();
    return means;
  }

  @Override
  public CentreKind kind() {
    return CentreKind.MEANS;
  }

  @Override
  public int perIdentity() {
    return 1;
  }

  @Override
  public String fingerprint() {
    return EmbeddingCache.key(
        "means", EmbeddingCache.fingerprint(model, spark.hadoopConfiguration()), input.name());
  }

  @Override
  public List<String> cosines(FaceSet faces, Path directory, double least) throws IOException {
    List<String> embeddings =
        EmbeddingShards.write(
                spark,
                pass(),
                () -> (row, embedding) -> Vectors.normalised(embedding),
                faces.files(),
                directory.toString(),
                EmbeddingFile.Precision.FLOAT32)
            .stream()
            .map(EmbeddingShards.Shard::path)
            .toList();
    Optional<List<String>> cosines = Optional.empty();
    for (int round = 1; round <= ROUNDS; round++) {
      MeanRound means =
          new MeanRound(spark, embeddings, cosines, least, new Path(directory, "round-" + round));
      cosines = Optional.of(means.cosines(faces.identities()));
    }
    return cosines.orElseThrow();
  }

  private EmbeddingPass pass() {
    return new EmbeddingPass(
        List.of(model), input, new SerializableConfiguration(spark.hadoopConfiguration()));
  }
}
