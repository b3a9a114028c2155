package io.sparkface.pipeline.clean;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.checkpoint.ModelCard;
import io.sparkface.pipeline.checkpoint.ModelDirectory;
import io.sparkface.pipeline.embed.EmbeddingPass;
import io.sparkface.pipeline.prepare.FaceSetWriter;
import io.sparkface.pipeline.prepare.StagedOutput;
import io.sparkface.pipeline.train.TrainingGraph;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * {@code drop-topk}: writes a face set anew without the images that lie far from their identity's
 * dominant sub-centre (spec 8). The keys that went are listed in {@code dropped.txt}.
 */
public final class Cleaning {
  private Cleaning() {}

  /**
   * What cleaning did.
   *
   * @param images before
   * @param dropped how many of them went
   * @param identities before
   * @param identitiesLeft with at least one image left
   */
  public record Result(long images, long dropped, int identities, int identitiesLeft) {}

  /**
   * @param model directory of a model that was trained on {@code data}
   * @param degrees largest angle to the dominant sub-centre
   */
  public static Result run(
      SparkSession spark,
      String model,
      String data,
      double degrees,
      String output,
      StagedOutput.Existing existing)
      throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    StagedOutput staged = new StagedOutput(output, existing, hadoop);
    FaceSet faces = FaceSet.open(new Path(data), hadoop);
    ModelDirectory directory = ModelDirectory.open(model, hadoop);
    ModelCard card = directory.card();
    if (card.classes() != faces.identities()) {
      throw new UserError(
          "the model tells "
              + card.classes()
              + " identities apart, the set has "
              + faces.identities(),
          model,
          "use the model that was trained on this set");
    }
    SubCentres centres =
        SubCentres.of(directory.weight(TrainingGraph.CENTRES), card.classes(), card.subCentres());
    List<Votes> votes = votes(context, model, centres, faces);
    DominantCentres.Decision decision =
        DominantCentres.decide(votes, card.classes(), card.subCentres(), degrees);
    if (decision.identities() == 0) {
      throw new UserError(
          "no image lies within " + degrees + " degrees of its dominant sub-centre",
          model,
          "train longer, or raise --angle");
    }
    write(spark, context, faces, decision, staged);
    StringBuilder keys = new StringBuilder();
    new TreeSet<>(decision.dropped()).forEach(key -> keys.append(key).append('\n'));
    staged.write("dropped.txt", keys.toString().getBytes(StandardCharsets.US_ASCII));
    long images = faces.manifest().rows();
    staged.commit(
        new FaceSetManifest(
            FaceSetManifest.FORMAT,
            images - decision.dropped().size(),
            decision.identities(),
            faces.manifest().quarantined(),
            data,
            Map.of(
                "dropTopkModel", model,
                "angle", Double.toString(degrees),
                "subCentres", Integer.toString(card.subCentres()))));
    return new Result(images, decision.dropped().size(), faces.identities(), decision.identities());
  }

  private static List<Votes> votes(
      JavaSparkContext context, String model, SubCentres centres, FaceSet faces) {
    EmbeddingPass pass =
        new EmbeddingPass(
            model,
            Normalisation.FACE,
            new SerializableConfiguration(context.hadoopConfiguration()));
    Broadcast<SubCentres> shared = context.broadcast(centres);
    return context
        .parallelize(faces.files(), EmbeddingPass.networks(context))
        .mapPartitions(
            files -> {
              List<Votes> found = new ArrayList<>();
              try (EmbeddingPass.Network network = pass.open()) {
                while (files.hasNext()) {
                  Iterator<EmbeddingPass.Embedded> images = network.embedFile(files.next());
                  while (images.hasNext()) {
                    EmbeddingPass.Embedded image = images.next();
                    FaceRecord row = image.row();
                    found.add(
                        new Votes(
                            row.key(),
                            row.label(),
                            shared.value().cosines(image.embedding(), row.label())));
                  }
                }
              }
              return found.iterator();
            })
        .collect();
  }

  private static void write(
      SparkSession spark,
      JavaSparkContext context,
      FaceSet faces,
      DominantCentres.Decision decision,
      StagedOutput staged) {
    Broadcast<DominantCentres.Decision> shared = context.broadcast(decision);
    SerializableConfiguration hadoop = new SerializableConfiguration(context.hadoopConfiguration());
    JavaRDD<FaceRecord> kept =
        context
            .parallelize(faces.files(), faces.files().size())
            .flatMap(file -> rows(file, hadoop.value()))
            .filter(row -> shared.value().keeps(row))
            .map(row -> shared.value().relabelled(row));
    new FaceSetWriter(spark).write(kept, staged.staging());
  }

  private static Iterator<FaceRecord> rows(String file, Configuration hadoop) throws IOException {
    try (FaceFile open = FaceFile.open(new Path(file), hadoop)) {
      List<FaceRecord> all = new ArrayList<>();
      for (int group = 0; group < open.rowGroupCount(); group++) {
        all.addAll(open.read(group));
      }
      return all.iterator();
    }
  }
}
