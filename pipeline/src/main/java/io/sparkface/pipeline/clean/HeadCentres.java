package io.sparkface.pipeline.clean;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.embed.EmbeddingPass;
import io.sparkface.pipeline.embed.EmbeddingShards;
import io.sparkface.pipeline.embed.ModelFile;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/** The centres or sub-centres of a margin head, trained on the set. */
final class HeadCentres implements Centres {
  private final JavaSparkContext spark;
  private final String model;
  private final ModelCard card;

  private HeadCentres(JavaSparkContext spark, String model, ModelCard card) {
    this.spark = spark;
    this.model = model;
    this.card = card;
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
    ModelCard card = ModelDirectory.open(model, spark.hadoopConfiguration()).card();
    if (card.classes() != faces.identities()) {
      throw new UserError(
          "the model tells "
              + card.classes()
              + " identities apart, the set has "
              + faces.identities(),
          model,
          "use the model that was trained on this set, or pass --centres means");
    }
    return new HeadCentres(spark, model, card);
  }

  @Override
  public CentreKind kind() {
    return CentreKind.HEAD;
  }

  @Override
  public int perIdentity() {
    return card.subCentres();
  }

  @Override
  public Path workDirectory(Path output, FaceSet faces) throws IOException {
    Path weights = new Path(model, "checksums.json");
    FileSystem fs = weights.getFileSystem(hadoop());
    String job =
        fs.getFileChecksum(weights)
            + " "
            + fs.getFileStatus(weights).getModificationTime()
            + " "
            + model
            + " "
            + faces.files();
    return new Path(
        output.getParent(),
        "." + output.getName() + ".votes-" + Integer.toHexString(job.hashCode()));
  }

  @Override
  public List<String> cosines(FaceSet faces, Path directory, double least) throws IOException {
    EmbeddingPass pass =
        new EmbeddingPass(
            List.of(model), Normalisation.FACE, new SerializableConfiguration(hadoop()));
    String source = model;
    int classes = card.classes();
    int perIdentity = card.subCentres();
    // read where they are needed: at 85,000 identities they are half a gigabyte
    EmbeddingShards.Opening opening =
        () -> {
          SubCentres centres =
              SubCentres.of(
                  ModelDirectory.open(source, pass.hadoop()).weight(TrainingGraph.CENTRES),
                  classes,
                  perIdentity);
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

  private Configuration hadoop() {
    return spark.hadoopConfiguration();
  }
}
