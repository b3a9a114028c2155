package io.sparkface.pipeline.prepare;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.ClassNumbering;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSetManifest;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * RecordIO or person folders → a face set. A first pass finds the identities and every bad record,
 * before anything is written; the second writes, shuffled over the whole set.
 */
public final class FaceSetPreparation {
  private static final int LISTED_BAD_RECORDS = 100_000;

  private final SparkSession spark;
  private final Options options;

  /**
   * @param seed of the order of rows
   * @param badRecords most bad records that are left out and listed; 0 refuses the first
   */
  public record Options(
      String input, String output, long seed, long badRecords, StagedOutput.Existing existing) {}

  public FaceSetPreparation(SparkSession spark, Options options) {
    this.spark = spark;
    this.options = options;
  }

  /** What the first pass finds. */
  public record Survey(Map<String, Long> imagesByIdentity, long bytes, List<BadPlace> bad)
      implements Serializable {
    public long images() {
      return imagesByIdentity.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** A bad record, as it is listed in {@code quarantine.jsonl}. */
  public record BadPlace(String where, String reason) implements Serializable {}

  /**
   * The first pass alone; writes nothing.
   *
   * @throws UserError at the first bad record above the ceiling, or when there is no image
   */
  public Survey survey() throws IOException {
    return survey(FaceSource.of(options.input(), hadoop()).entries(context()));
  }

  private Survey survey(JavaRDD<Entry> entries) {
    Survey found =
        entries
            .mapPartitions(part -> Collections.singleton(survey(part)).iterator())
            .reduce(FaceSetPreparation::merged);
    if (found.bad().size() > options.badRecords()) {
      BadPlace first = found.bad().get(0);
      throw new UserError(
          first.reason()
              + " ("
              + found.bad().size()
              + " bad records in all, "
              + options.badRecords()
              + " allowed)",
          first.where(),
          "repair the input, or leave bad records out by --on-bad-record=quarantine"
              + " --max-bad-records=N");
    }
    if (found.imagesByIdentity().isEmpty()) {
      throw new UserError("there is no image in it", options.input(), "check --input");
    }
    return found;
  }

  private static Survey survey(Iterator<Entry> part) {
    Map<String, Long> images = new HashMap<>();
    List<BadPlace> bad = new ArrayList<>();
    long bytes = 0;
    while (part.hasNext()) {
      Entry entry = part.next();
      if (entry instanceof Entry.Good good) {
        images.merge(good.identity(), 1L, Long::sum);
        bytes += good.image().length;
      } else if (entry instanceof Entry.Bad one && bad.size() < LISTED_BAD_RECORDS) {
        bad.add(new BadPlace(one.where(), one.reason()));
      }
    }
    return new Survey(images, bytes, bad);
  }

  private static Survey merged(Survey a, Survey b) {
    Map<String, Long> images = new HashMap<>(a.imagesByIdentity());
    b.imagesByIdentity().forEach((identity, n) -> images.merge(identity, n, Long::sum));
    List<BadPlace> bad = new ArrayList<>(a.bad());
    bad.addAll(b.bad());
    return new Survey(images, a.bytes() + b.bytes(), bad);
  }

  /** Both passes. */
  public FaceSetManifest run() throws IOException {
    StagedOutput output = new StagedOutput(options.output(), options.existing(), hadoop());
    JavaRDD<Entry> entries = FaceSource.of(options.input(), hadoop()).entries(context());
    Survey survey = survey(entries);
    ClassNumbering numbering = new ClassNumbering(survey.imagesByIdentity().keySet());
    Map<String, Integer> labels = new HashMap<>();
    numbering.names().forEach(name -> labels.put(name, numbering.label(name)));
    Broadcast<Map<String, Integer>> labelOf = context().broadcast(labels);
    JavaRDD<FaceRecord> rows =
        entries
            .filter(entry -> entry instanceof Entry.Good)
            .map(entry -> numbered((Entry.Good) entry, labelOf.value()));
    new FaceSetWriter(spark).writeShuffled(rows, options.seed(), survey.bytes(), output.staging());
    FaceSetWriter.writeClasses(spark, numbering, survey.imagesByIdentity(), output.staging());
    if (!survey.bad().isEmpty()) {
      output.write("quarantine.jsonl", lines(survey.bad()));
    }
    FaceSetManifest manifest =
        new FaceSetManifest(
            FaceSetManifest.FORMAT,
            survey.images(),
            numbering.names().size(),
            survey.bad().size(),
            options.input(),
            Map.of("seed", Long.toString(options.seed())));
    output.commit(manifest);
    return manifest;
  }

  private static FaceRecord numbered(Entry.Good good, Map<String, Integer> labels) {
    return new FaceRecord(
        good.identity(),
        labels.get(good.identity()),
        good.key(),
        good.image(),
        good.width(),
        good.height(),
        good.source());
  }

  private static byte[] lines(List<BadPlace> bad) throws IOException {
    ObjectMapper json = new ObjectMapper();
    StringBuilder text = new StringBuilder();
    for (BadPlace place : bad) {
      text.append(json.writeValueAsString(place)).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  private Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }
}
