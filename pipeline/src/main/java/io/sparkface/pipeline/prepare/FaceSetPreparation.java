package io.sparkface.pipeline.prepare;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.FaceClass;
import io.sparkface.datasets.faces.FaceFileWriter;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSetManifest;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * RecordIO, person folders or a face set → a face set. The input is read once, scattered over
 * buckets on the way; when all of it has been seen, identities are numbered and every bad record is
 * known, the buckets are sorted and written, each as one file. A job that ends early leaves nothing
 * that looks like a set, and the same command begins again.
 */
public final class FaceSetPreparation {
  /**
   * Spark settings that suit a shuffle of pictures, where the user has set no others: they have no
   * air left, so compressing them on their way would only cost time, and a task's output is sorted
   * by bucket in memory, as a file for each bucket would be written and then copied. Local files
   * get a checksum for every 64 KiB and not every 512 bytes, which were written piece by piece.
   */
  public static final Map<String, String> SPARK_SETTINGS =
      Map.of(
          "spark.shuffle.compress", "false",
          "spark.shuffle.sort.bypassMergeThreshold", "1",
          "spark.hadoop.file.bytes-per-checksum", "65536");

  private final JavaSparkContext spark;
  private final Options options;

  /** How rows lie. */
  public enum Layout {
    /** Anywhere in the whole set: for training. */
    SHUFFLED,
    /** Those of a person together, people anywhere: for triplets and for looking at people. */
    BY_PERSON
  }

  /**
   * What to do.
   *
   * @param seed of the order of rows
   * @param addTo a set that the new one begins with
   */
  public record Options(
      FaceInput.Options input,
      String output,
      Layout layout,
      long seed,
      StagedOutput.Existing existing,
      Optional<GrownSet.Options> addTo) {
    /** A shuffled set of all that {@code input} holds. */
    public Options(
        String input, String output, long seed, long badRecords, StagedOutput.Existing existing) {
      this(
          FaceInput.Options.all(input, badRecords),
          output,
          Layout.SHUFFLED,
          seed,
          existing,
          Optional.empty());
    }
  }

  /**
   * What would be done.
   *
   * @param files that would be written
   * @param executorMib memory that a task needs at most, beside Spark's own
   */
  public record Outlook(
      long images, int identities, long bytes, long bad, int files, long executorMib) {}

  /** A file that a task wrote. */
  private record Written(StagedOutput.Part part, long rows) implements Serializable {}

  public FaceSetPreparation(SparkSession spark, Options options) {
    this.spark = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.options = options;
  }

  /**
   * Reads and checks the whole input; writes nothing.
   *
   * @throws UserError as {@link #run} would
   */
  public Outlook outlook() throws IOException {
    StagedOutput.requireWritable(options.output(), options.existing(), hadoop());
    FaceInput input = FaceInput.open(options.input(), hadoop());
    Survey survey = input.survey(spark);
    List<String> names = input.names(survey);
    Map<String, Long> images = survey.imagesByIdentity();
    if (options.addTo().isPresent()) {
      GrownSet.open(options.addTo().get(), hadoop()).labels(names);
    }
    return new Outlook(
        names.stream().mapToLong(images::get).sum(),
        names.size(),
        survey.bytes(),
        survey.badPlaces(),
        FaceShuffle.buckets(input.bytes()),
        executorMebibytes(input.bytes(), names.size()));
  }

  /** A bucket of pictures twice, while it is sorted and written, and the labels of all people. */
  private static long executorMebibytes(long bytes, int identities) {
    long bucket = bytes / FaceShuffle.buckets(bytes) * 5 / 4;
    return (2 * bucket + 200L * identities >> 20) + 64;
  }

  /** Writes the set. */
  public FaceSetManifest run() throws IOException {
    StagedOutput output = new StagedOutput(options.output(), options.existing(), hadoop());
    FaceInput input = FaceInput.open(options.input(), hadoop());
    Optional<GrownSet> grown = Optional.empty();
    if (options.addTo().isPresent()) {
      grown = Optional.of(GrownSet.open(options.addTo().get(), hadoop()));
    }
    JavaRDD<Entry> entries = input.entries(spark);
    if (grown.isPresent()) {
      entries = grown.get().keyed(entries);
    }
    try (FaceShuffle shuffle = new FaceShuffle(entries, order(), input.bytes())) {
      return write(input, shuffle, grown, output);
    }
  }

  private FaceSetManifest write(
      FaceInput input, FaceShuffle shuffle, Optional<GrownSet> grown, StagedOutput output)
      throws IOException {
    Survey survey = input.accepted(shuffle.survey());
    List<String> names = input.names(survey);
    Map<String, Integer> labels = grown.isPresent() ? grown.get().labels(names) : ranks(names);
    Map<String, Long> images = survey.imagesByIdentity();
    int firstFile = grown.map(GrownSet::files).orElse(0);
    long rows = write(shuffle, labels, firstFile, output);
    long expected = names.stream().mapToLong(images::get).sum();
    if (rows != expected) {
      throw new IllegalStateException("wrote " + rows + " of " + expected + " images");
    }
    List<FaceClass> classes = new ArrayList<>();
    for (String name : names) {
      classes.add(new FaceClass(name, labels.get(name), images.get(name)));
    }
    if (grown.isPresent()) {
      classes = grown.get().classesWith(classes);
      grown.get().link(spark, output);
      rows += grown.get().rows();
    }
    FaceClass.write(new Path(output.staging(), FaceClass.FILE), classes, hadoop());
    if (survey.badPlaces() > 0) {
      output.write("quarantine.jsonl", lines(survey.bad()));
    }
    FaceSetManifest manifest =
        new FaceSetManifest(
            FaceSetManifest.FORMAT,
            rows,
            classes.size(),
            survey.badPlaces() + grown.map(GrownSet::quarantined).orElse(0L),
            options.input().path(),
            manifestOptions());
    output.commit(manifest);
    return manifest;
  }

  private FaceOrder order() {
    return options.layout() == Layout.SHUFFLED
        ? FaceOrder.shuffled(options.seed())
        : FaceOrder.byPerson(options.seed());
  }

  private Map<String, String> manifestOptions() {
    Map<String, String> all = new HashMap<>();
    all.put("seed", Long.toString(options.seed()));
    all.put("layout", options.layout().name());
    if (options.input().pictures().side() > 0) {
      all.put("resize", Integer.toString(options.input().pictures().side()));
    }
    options.addTo().ifPresent(base -> all.put("addedTo", base.set()));
    return all;
  }

  private static Map<String, Integer> ranks(List<String> names) {
    Map<String, Integer> ranks = new HashMap<>();
    for (String name : names) {
      ranks.put(name, ranks.size());
    }
    return ranks;
  }

  private long write(
      FaceShuffle shuffle, Map<String, Integer> labels, int firstFile, StagedOutput output)
      throws IOException {
    Broadcast<Map<String, Integer>> labelOf = spark.broadcast(labels);
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop());
    String directory = output.partDirectory().toString();
    List<Written> written =
        shuffle.use(
            spark,
            (bucket, faces) ->
                write(
                    faces,
                    labelOf.value(),
                    StagedOutput.Part.inTask(
                        directory,
                        String.format(Locale.ROOT, "part-%05d.parquet", firstFile + bucket)),
                    configuration.value()));
    long rows = 0;
    for (Written file : written) {
      output.accept(file.part());
      rows += file.rows();
    }
    output.dropUnaccepted();
    return rows;
  }

  private static Written write(
      Iterator<Entry.Good> faces,
      Map<String, Integer> labels,
      StagedOutput.Part part,
      Configuration hadoop)
      throws IOException {
    Progress progress = new Progress("write " + part.name(), "images", 0);
    long rows = 0;
    try (FaceFileWriter out = new FaceFileWriter(part.path(), hadoop)) {
      while (faces.hasNext()) {
        Entry.Good face = faces.next();
        Integer label = labels.get(face.identity());
        // an identity that is not taken: known only once all of it has been seen
        if (label != null) {
          out.write(
              new FaceRecord(
                  face.identity(),
                  label,
                  face.key(),
                  face.image(),
                  face.width(),
                  face.height(),
                  face.source()));
          rows++;
          progress.add(1);
        }
      }
    }
    return new Written(part, rows);
  }

  private static byte[] lines(List<Survey.BadPlace> bad) throws IOException {
    ObjectMapper json = new ObjectMapper();
    StringBuilder text = new StringBuilder();
    for (Survey.BadPlace place : bad) {
      text.append(json.writeValueAsString(place)).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private Configuration hadoop() {
    return spark.hadoopConfiguration();
  }
}
