package io.sparkface.pipeline.clean;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.models.interop.Tensor;
import io.sparkface.models.interop.keras.KerasHead;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.embed.EmbeddingCache;
import io.sparkface.pipeline.embed.EmbeddingPass;
import io.sparkface.pipeline.embed.EmbeddingShards;
import io.sparkface.pipeline.embed.ModelFile;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The centres or sub-centres of a head that tells the set's identities apart: the columns of its
 * weights [D, identities * K], whatever loss they were trained by. What losses learn beside, such
 * as AdaCos's scale or AdaFace's mean length of embeddings, lies in arrays of its own, and the
 * length that MagFace and AdaFace use is no column (trap 29).
 */
final class HeadCentres implements Centres {
  private final JavaSparkContext spark;
  private final String model;
  private final Normalisation input;
  private final int identities;
  private final int perIdentity;

  private HeadCentres(
      JavaSparkContext spark, String model, Normalisation input, int identities, int perIdentity) {
    this.spark = spark;
    this.model = model;
    this.input = input;
    this.identities = identities;
    this.perIdentity = perIdentity;
  }

  /**
   * @param input how pixels are scaled for a model of others
   * @throws UserError when the model has no head of this set's identities
   */
  static HeadCentres of(JavaSparkContext spark, String model, Normalisation input, FaceSet faces) {
    Configuration hadoop = spark.hadoopConfiguration();
    HeadCentres centres =
        ModelFile.named(model).isPresent()
            ? ofOthers(spark, model, input)
            : ofDirectory(spark, model, ModelDirectory.open(model, hadoop));
    if (centres.identities != faces.identities()) {
      throw new UserError(
          "the model tells "
              + centres.identities
              + " identities apart, the set has "
              + faces.identities(),
          model,
          "use the model that was trained on this set, or pass --centres means");
    }
    return centres;
  }

  private static HeadCentres ofOthers(JavaSparkContext spark, String model, Normalisation input) {
    KerasHead head = kerasHead(model, spark.hadoopConfiguration());
    return new HeadCentres(spark, model, input, head.identities(), head.perIdentity());
  }

  private static KerasHead kerasHead(String model, Configuration hadoop) {
    return ModelFile.named(model)
        .filter(file -> file.format() == ModelFile.Format.KERAS)
        .flatMap(file -> KerasHead.read(file.content(hadoop), model))
        .orElseThrow(
            () ->
                new UserError(
                    "the model has no margin head, and so no centres of this set's identities",
                    model,
                    "pass --centres means, or name a Keras model that was saved with its NormDense"
                        + " layer"));
  }

  private static HeadCentres ofDirectory(
      JavaSparkContext spark, String model, ModelDirectory directory) {
    ModelCard card = directory.card();
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
        spark,
        model,
        Normalisation.FACE,
        card.classes(),
        Math.toIntExact(weights[1] / card.classes()));
  }

  /** The head's weights [D, identities * K]. */
  private static INDArray weights(String model, Configuration hadoop) {
    if (ModelFile.named(model).isEmpty()) {
      return ModelDirectory.open(model, hadoop).weight(TrainingGraph.CENTRES);
    }
    Tensor weights = kerasHead(model, hadoop).weights();
    return Nd4j.createFromArray(weights.values()).reshape('c', weights.shape());
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
        "head", EmbeddingCache.fingerprint(model, spark.hadoopConfiguration()), input.name());
  }

  @Override
  public List<String> cosines(FaceSet faces, Path directory, double least) throws IOException {
    EmbeddingPass pass =
        new EmbeddingPass(
            List.of(model), input, new SerializableConfiguration(spark.hadoopConfiguration()));
    String source = model;
    int classes = identities;
    int each = perIdentity;
    // read where they are needed: at 85,000 identities they are half a gigabyte
    EmbeddingShards.Opening opening =
        () -> {
          SubCentres centres = SubCentres.of(weights(source, pass.hadoop()), classes, each);
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
