package io.sparkface.pipeline.distill;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.embed.EmbeddingPass;
import io.sparkface.pipeline.embed.EmbeddingShards;
import io.sparkface.pipeline.output.Replacement;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Writes the embeddings of a face set by a teacher, or by several: see {@link EmbeddingPass} for
 * what is then stored. A job started again makes only the shards that are missing.
 */
public final class Distillation {
  private static final String STARTED = "started.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JavaSparkContext spark;
  private final Options options;

  /**
   * What to do.
   *
   * @param models the teachers, in the order their embeddings stand
   * @param input how pixels reach a foreign model
   * @param data the face set
   */
  public record Options(
      List<String> models,
      Normalisation input,
      EmbeddingFile.Precision precision,
      String data,
      String output) {
    public Options {
      models = List.copyOf(models);
    }
  }

  /** What is to be done, found without doing it. */
  public record Outlook(long images, int shards, int shardsThere) {}

  /** What shards in the output were made from; another job must not go on with them. */
  private record Started(
      List<String> models, String input, String precision, String data, long rows) {}

  public Distillation(JavaSparkContext spark, Options options) {
    this.spark = spark;
    this.options = options;
  }

  /**
   * Checks model, data and output; writes nothing.
   *
   * @throws UserError as {@link #run} would
   */
  public Outlook outlook() throws IOException {
    FaceSet faces = faces();
    requireSameJob(faces);
    try (EmbeddingPass.Network network = pass().open()) {
      int there =
          fs().exists(new Path(options.output()))
              ? EmbeddingSet.shards(new Path(options.output()), hadoop()).size()
              : 0;
      return new Outlook(faces.manifest().rows(), faces.files().size(), there);
    }
  }

  /**
   * Runs the job on the executors.
   *
   * @throws UserError when the output is complete, or was begun with other teachers or data
   */
  public EmbeddingSet.Manifest run() throws IOException {
    FaceSet faces = faces();
    requireSameJob(faces);
    Path target = new Path(options.output());
    fs().mkdirs(target);
    write(new Path(target, STARTED), JSON.writeValueAsBytes(started(faces)));
    List<EmbeddingShards.Shard> shards =
        EmbeddingShards.write(
            spark,
            pass(),
            () -> (row, embedding) -> embedding,
            faces.files(),
            options.output(),
            options.precision());
    long rows = shards.stream().mapToLong(EmbeddingShards.Shard::rows).sum();
    if (rows != faces.manifest().rows()) {
      throw new IllegalStateException(
          "embedded " + rows + " of " + faces.manifest().rows() + " images");
    }
    EmbeddingSet.Manifest manifest =
        new EmbeddingSet.Manifest(
            rows,
            shards.stream().mapToInt(EmbeddingShards.Shard::width).max().orElse(0),
            options.data(),
            String.join(",", options.models()),
            options.precision());
    write(
        new Path(target, EmbeddingSet.MANIFEST),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
    write(new Path(target, EmbeddingSet.SUCCESS), new byte[0]);
    return manifest;
  }

  private void requireSameJob(FaceSet faces) throws IOException {
    Path target = new Path(options.output());
    if (fs().exists(new Path(target, EmbeddingSet.SUCCESS))) {
      throw new UserError(
          "the output is complete already",
          options.output(),
          "name another --output, or delete it first");
    }
    Path marker = new Path(target, STARTED);
    if (!fs().exists(marker)) {
      return;
    }
    Started before;
    try (InputStream in = fs().open(marker)) {
      before = JSON.readValue(in, Started.class);
    }
    if (!before.equals(started(faces))) {
      throw new UserError(
          "the output was begun with other teachers, data or precision: " + before,
          options.output(),
          "repeat that command, name another --output, or delete it first");
    }
  }

  private Started started(FaceSet faces) {
    return new Started(
        options.models(),
        options.input().name(),
        options.precision().name(),
        options.data(),
        faces.manifest().rows());
  }

  private FaceSet faces() {
    return FaceSet.open(new Path(options.data()), hadoop());
  }

  private EmbeddingPass pass() {
    return new EmbeddingPass(
        options.models(), options.input(), new SerializableConfiguration(hadoop()));
  }

  private void write(Path file, byte[] content) throws IOException {
    Replacement.write(file, hadoop(), out -> out.write(content));
  }

  private FileSystem fs() throws IOException {
    return new Path(options.output()).getFileSystem(hadoop());
  }

  private Configuration hadoop() {
    return spark.hadoopConfiguration();
  }
}
