package io.sparkface.pipeline.clean;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.Embedding;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceClass;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.prepare.FaceInput;
import io.sparkface.pipeline.prepare.RecordExport;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Serializable;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code drop-topk}: a face set without the images that lie far from their identity's dominant
 * sub-centre (spec 8), or from its mean.
 *
 * <p>One pass through the network leaves each image's cosines or embedding on disk, in shards
 * beside the output, which a job started again goes on with. Everything after it reads shards in
 * step with the set's files; the driver holds numbers per identity, never per image.
 */
public final class Cleaning {
  private static final Logger LOG = LoggerFactory.getLogger(Cleaning.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SparkSession spark;
  private final Options options;

  /** What is written. */
  public enum Output {
    /** All rows that stay, with their pictures. */
    REWRITTEN,
    /** Which rows of the set stay; the set itself must stay too. */
    INDEX,
    /** RecordIO of the images that stay, as insightface's {@code drop.py} writes it. */
    REC
  }

  /**
   * What to do.
   *
   * @param model directory of a model, or a model of others
   * @param centres what images are measured against
   * @param input how pixels are scaled for a model of others that does not say itself
   * @param data the face set; what the model was trained on, where its head is asked
   * @param degrees largest angle to the dominant sub-centre or the mean
   */
  public record Options(
      String model,
      CentreKind centres,
      Normalisation input,
      String data,
      double degrees,
      String output,
      Output kind,
      StagedOutput.Existing existing) {
    public Options {
      if (!(degrees > 0 && degrees <= 180)) {
        throw new UserError(
            degrees + " is no angle above 0 and up to 180 degrees",
            "--angle",
            centres.usualDegrees() + " is usual");
      }
    }

    /** By the head of a model that was trained on the set. */
    public Options(
        String model,
        String data,
        double degrees,
        String output,
        Output kind,
        StagedOutput.Existing existing) {
      this(model, CentreKind.HEAD, Normalisation.FACE, data, degrees, output, kind, existing);
    }
  }

  /**
   * What cleaning did.
   *
   * @param images before
   * @param dropped how many of them went
   * @param identities before
   * @param identitiesLeft with at least one image left
   */
  public record Result(long images, long dropped, int identities, int identitiesLeft) {}

  /** What is to be done, found without doing it. */
  public record Outlook(
      long images, int identities, String centre, int subCentres, int shards, int shardsThere) {}

  /**
   * A line of {@code identities.jsonl}: what became of a person.
   *
   * @param votes of the images for each sub-centre; of all images where there is one centre
   * @param label new class number, -1 where nothing is left
   */
  public record Person(
      String identity, int images, int kept, int[] votes, int dominant, int label) {}

  public Cleaning(SparkSession spark, Options options) {
    this.spark = spark;
    this.options = options;
  }

  /** Checks model, data and output; writes nothing. */
  public Outlook outlook() throws IOException {
    StagedOutput.requireWritable(options.output(), options.existing(), hadoop());
    FaceSet faces = FaceSet.open(new Path(options.data()), hadoop());
    Centres centres = centres(faces);
    Path set = options.kind() == Output.REC ? index() : new Path(options.output());
    Path work = centres.workDirectory(set, faces);
    int there = fs().exists(work) ? fs().globStatus(new Path(work, "shard-*.parquet")).length : 0;
    return new Outlook(
        faces.manifest().rows(),
        faces.identities(),
        centres.kind().title(),
        centres.perIdentity(),
        faces.files().size(),
        there);
  }

  /** Cleans the set. */
  public Result run() throws IOException {
    return options.kind() == Output.REC ? toRecords() : toSet();
  }

  /** By way of an index, which is not kept; its lists of what was dropped and why are. */
  private Result toRecords() throws IOException {
    StagedOutput.requireWritable(options.output(), options.existing(), hadoop());
    Path index = index();
    Result result =
        new Cleaning(
                spark,
                new Options(
                    options.model(),
                    options.centres(),
                    options.input(),
                    options.data(),
                    options.degrees(),
                    index.toString(),
                    Output.INDEX,
                    StagedOutput.Existing.OVERWRITE))
            .run();
    new RecordExport(
            context(), FaceInput.Options.all(index.toString(), 0), RecordExport.Layout.PLAIN)
        .writeTo(
            options.output(),
            options.existing(),
            List.of(new Path(index, "identities.jsonl"), new Path(index, "dropped-*.jsonl")));
    fs().delete(index, true);
    return result;
  }

  /** Of the rows that stay, while records are made of them. */
  private Path index() {
    Path output = new Path(options.output());
    return new Path(output.getParent(), "." + output.getName() + ".index");
  }

  private Result toSet() throws IOException {
    StagedOutput staged = new StagedOutput(options.output(), options.existing(), hadoop());
    FaceSet faces = FaceSet.open(new Path(options.data()), hadoop());
    Centres centres = centres(faces);
    Path directory = centres.workDirectory(new Path(options.output()), faces);
    double least = DominantCentres.leastCosine(options.degrees());
    List<String> shards = centres.cosines(faces, directory, least);
    DominantCentres.Votes votes = count(shards, faces.identities(), centres.perIdentity());
    DominantCentres.Rule rule = votes.rule(options.degrees());
    int[] kept = kept(shards, faces.identities(), rule);
    int[] labels = DominantCentres.relabelled(kept);
    int left = (int) Arrays.stream(labels).filter(label -> label >= 0).count();
    long images = faces.manifest().rows();
    long stay = Arrays.stream(kept).asLongStream().sum();
    CentreKind kind = centres.kind();
    if (left == 0) {
      throw new UserError(
          "no image lies within " + options.degrees() + " degrees of its " + kind.title(),
          options.model(),
          kind == CentreKind.HEAD
              ? "train longer, or raise --angle"
              : "check --normalisation, or raise --angle");
    }
    if (2 * stay < images) {
      LOG.warn(
          "{} of {} images lie more than {} degrees from their {}: {}",
          images - stay,
          images,
          options.degrees(),
          kind.title(),
          kind == CentreKind.HEAD
              ? "was the model trained long enough?"
              : "does --normalisation say what the model takes?");
    }
    long written = write(faces, shards, rule, labels, staged);
    if (written != stay) {
      throw new IllegalStateException("wrote " + written + " of " + stay + " images");
    }
    report(faces.classes(hadoop()), votes, rule, kept, labels, staged);
    staged.commit(
        new FaceSetManifest(
            FaceSetManifest.FORMAT,
            stay,
            left,
            faces.manifest().quarantined(),
            options.data(),
            Map.of(
                "dropTopkModel", options.model(),
                "angle", Double.toString(options.degrees()),
                "centre", kind.title(),
                "subCentres", Integer.toString(centres.perIdentity()))));
    fs().delete(directory, true);
    return new Result(images, images - stay, faces.identities(), left);
  }

  /**
   * @throws UserError when the model has no such centres of the set's identities
   */
  private Centres centres(FaceSet faces) {
    return switch (options.centres()) {
      case HEAD -> HeadCentres.of(context(), options.model(), options.input(), faces);
      case MEANS -> IdentityMeans.of(context(), options.model(), options.input());
    };
  }

  private DominantCentres.Votes count(List<String> shards, int classes, int perIdentity) {
    SerializableConfiguration hadoop = new SerializableConfiguration(hadoop());
    return context()
        .parallelize(shards, tasks(shards))
        .mapPartitions(
            part -> {
              DominantCentres.Votes votes = new DominantCentres.Votes(classes, perIdentity);
              while (part.hasNext()) {
                try (EmbeddingFile file =
                    EmbeddingFile.open(new Path(part.next()), hadoop.value())) {
                  for (Iterator<Embedding> rows = file.read(); rows.hasNext(); ) {
                    Embedding row = rows.next();
                    votes.add(row.label(), row.values());
                  }
                }
              }
              return List.of(votes).iterator();
            })
        .treeReduce(DominantCentres.Votes::plus);
  }

  private int[] kept(List<String> shards, int classes, DominantCentres.Rule rule) {
    Broadcast<DominantCentres.Rule> shared = context().broadcast(rule);
    SerializableConfiguration hadoop = new SerializableConfiguration(hadoop());
    return context()
        .parallelize(shards, tasks(shards))
        .mapPartitions(
            part -> {
              int[] kept = new int[classes];
              while (part.hasNext()) {
                try (EmbeddingFile file =
                    EmbeddingFile.open(new Path(part.next()), hadoop.value())) {
                  for (Iterator<Embedding> rows = file.read(); rows.hasNext(); ) {
                    Embedding row = rows.next();
                    if (shared.value().keeps(row.label(), row.values())) {
                      kept[row.label()]++;
                    }
                  }
                }
              }
              return List.of(kept).iterator();
            })
        .treeReduce(
            (a, b) -> {
              for (int i = 0; i < a.length; i++) {
                a[i] += b[i];
              }
              return a;
            });
  }

  private int tasks(List<String> shards) {
    return Math.min(shards.size(), context().defaultParallelism());
  }

  private record Job(String file, String shard, int number) implements Serializable {}

  private long write(
      FaceSet faces,
      List<String> shards,
      DominantCentres.Rule rule,
      int[] labels,
      StagedOutput staged)
      throws IOException {
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      jobs.add(new Job(faces.files().get(i), shards.get(i), i));
    }
    CleanedFile.Plan plan =
        new CleanedFile.Plan(
            options.centres(), rule, labels, options.kind(), staged.partDirectory().toString());
    Broadcast<CleanedFile.Plan> shared = context().broadcast(plan);
    SerializableConfiguration hadoop = new SerializableConfiguration(hadoop());
    List<CleanedFile.Written> written =
        context()
            .parallelize(jobs, jobs.size())
            .map(
                job ->
                    new CleanedFile(shared.value(), hadoop.value())
                        .write(job.file(), job.shard(), job.number()))
            .collect();
    long rows = 0;
    for (CleanedFile.Written file : written) {
      staged.accept(file.rows());
      staged.accept(file.dropped());
      rows += file.kept();
    }
    staged.dropUnaccepted();
    return rows;
  }

  private void report(
      List<FaceClass> classes,
      DominantCentres.Votes votes,
      DominantCentres.Rule rule,
      int[] kept,
      int[] labels,
      StagedOutput staged)
      throws IOException {
    List<FaceClass> left = new ArrayList<>();
    try (Writer lines =
        new BufferedWriter(
            new OutputStreamWriter(staged.create("identities.jsonl"), StandardCharsets.UTF_8))) {
      for (FaceClass one : classes) {
        int c = one.label();
        int[] own = votes.of(c);
        lines.write(
            JSON.writeValueAsString(
                new Person(
                    one.identity(),
                    Arrays.stream(own).sum(),
                    kept[c],
                    own,
                    rule.dominant()[c],
                    labels[c])));
        lines.write('\n');
        if (labels[c] >= 0) {
          left.add(new FaceClass(one.identity(), labels[c], kept[c]));
        }
      }
    }
    FaceClass.write(new Path(staged.staging(), FaceClass.FILE), left, hadoop());
  }

  private FileSystem fs() throws IOException {
    return fs(new Path(options.output()));
  }

  private FileSystem fs(Path path) throws IOException {
    return path.getFileSystem(hadoop());
  }

  private JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  private Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }
}
