package io.sparkface.pipeline.clean;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.embed.EmbeddingCache;
import io.sparkface.pipeline.embed.EmbeddingPass;
import io.sparkface.pipeline.embed.EmbeddingShards;
import io.sparkface.pipeline.embed.ModelFile;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The centres or sub-centres of a head that tells the set's identities apart: the columns of its
 * weights [D, identities * K], whatever loss they were trained by. What losses learn beside, such
 * as AdaCos's scale or AdaFace's mean length of embeddings, lies in arrays of its own, and the
 * length that MagFace and AdaFace use is no column (trap 29).
 */
final class HeadCentres implements Centres {
  private final JavaSparkContext spark;
  private final String model;
  private final int identities;
  private final int perIdentity;

  private HeadCentres(JavaSparkContext spark, String model, int identities, int perIdentity) {
    this.spark = spark;
    this.model = model;
    this.identities = identities;
    this.perIdentity = perIdentity;
  }

  /**
   * @throws UserError when the model has no head of this set's identities
   */
  static HeadCentres of(JavaSparkContext spark, String model, FaceSet faces) {
    if (ModelFile.named(model).isPresent()) {
      throw new UserError(
          "a model of another framework has no centres of this set's identities",
          model,
          "pass --centres means");
    }
    ModelDirectory directory = ModelDirectory.open(model, spark.hadoopConfiguration());
    ModelCard card = directory.card();
    if (card.classes() != faces.identities()) {
      throw new UserError(
          "the model tells "
              + card.classes()
              + " identities apart, the set has "
              + faces.identities(),
          model,
          "use the model that was trained on this set, or pass --centres means");
    }
    long[] weights =
        directory
            .shape(TrainingGraph.CENTRES)
            .orElseThrow(
                () ->
                    new UserError(
                        "the model was trained by "
                            + card.margin()
                            + " alone, which has no centre of an identity",
                        model,
                        "pass --centres means"));
    return new HeadCentres(
        spark, model, card.classes(), Math.toIntExact(weights[1] / card.classes()));
  }

  @Override
  public CentreKind kind() {
    return CentreKind.HEAD;
  }

  @Override
  public int perIdentity() {
    return perIdentity;
  }

  @Override
  public String fingerprint() {
    return EmbeddingCache.key(
        "head", EmbeddingCache.fingerprint(model, spark.hadoopConfiguration()));
  }

  @Override
  public List<String> cosines(FaceSet faces, Path directory, double least) throws IOException {
    EmbeddingPass pass =
        new EmbeddingPass(
            List.of(model),
            Normalisation.FACE,
            new SerializableConfiguration(spark.hadoopConfiguration()));
    String source = model;
    int classes = identities;
    int each = perIdentity;
    // read where they are needed: at 85,000 identities they are half a gigabyte
    EmbeddingShards.Opening opening =
        () -> {
          SubCentres centres =
              SubCentres.of(
                  ModelDirectory.open(source, pass.hadoop()).weight(TrainingGraph.CENTRES),
                  classes,
                  each);
          return (row, embedding) -> centres.cosines(embedding, row.label());
        };
    return EmbeddingShards.write(
            spark,
            pass,
            opening,
            faces.files(),
            directory.toString(),
            EmbeddingFile.Precision.FLOAT32)
        .stream()
        .map(EmbeddingShards.Shard::path)
        .toList();
  }
}
