package io.sparkface.pipeline.align;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.AlignedFace;
import io.sparkface.datasets.faces.AlignedFaceWriter;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.IdentityName;
import io.sparkface.pipeline.embed.EmbeddingCache;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder or Parquet of photos → aligned faces. Photos are worked through in parts, one a task;
 * each part is kept when it is done, so that the same command started again does only those that
 * are missing. Person folders or a face set are made of the parts at the end.
 */
public final class PhotoAlignment {
  private static final Logger LOG = LoggerFactory.getLogger(PhotoAlignment.class);

  /** Name of the person of photos that are in no person's folder. */
  public static final String UNSORTED = "unsorted";

  private static final long MOST_FACES_A_PHOTO = 1 << 16;

  private final SparkSession spark;
  private final Options options;

  /** What is made of the faces. */
  public enum Target {
    /** Pictures in person folders, and a table of what is known of them. */
    FOLDER,
    /** A face set. */
    PARQUET
  }

  /**
   * @param photosAPart photos of a task, which are done anew when it fails
   * @param unreadable most photos that may be unreadable; they are listed
   * @param seed of the order of rows of a face set
   */
  public record Options(
      String input,
      String output,
      Target target,
      FaceCutting cutting,
      int photosAPart,
      long unreadable,
      long seed,
      StagedOutput.Existing existing) {}

  /**
   * @param withoutFace photos with no face, or none that passed the filter; listed
   * @param unreadable photos that are no pictures; listed
   */
  public record Summary(
      long photos, long faces, int identities, long withoutFace, long unreadable) {}

  public PhotoAlignment(SparkSession spark, Options options) {
    this.spark = spark;
    this.options = options;
  }

  /**
   * @throws UserError when there is no photo, no face at all, or more unreadable photos than
   *     allowed
   */
  public Summary run() throws IOException {
    StagedOutput.requireWritable(options.output(), options.existing(), hadoop());
    // before anything is listed or begun: is it a detector at all?
    new PhotoAligner(options.cutting(), 1, hadoop()).close();
    List<PhotoPart> parts = PhotoSource.parts(options.input(), options.photosAPart(), hadoop());
    PartStore store = PartStore.begin(options.output(), work(parts), hadoop());
    List<PartReport> reports = align(parts, store);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      files.add(store.faces(i));
    }
    Summary summary = new AlignedOutput(spark, options).write(files, reports);
    store.delete();
    return summary;
  }

  /** All that parts depend on; of the photos, their names and order. */
  private String work(List<PhotoPart> parts) throws IOException {
    Map<String, String> work = new TreeMap<>();
    work.put("input", options.input());
    work.put("cutting", options.cutting().toString());
    work.put("detector", EmbeddingCache.fingerprint(options.cutting().detector(), hadoop()));
    work.put(
        "photos",
        EmbeddingCache.key(parts.stream().map(PhotoPart::toString).toArray(String[]::new)));
    return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(work);
  }

  private List<PartReport> align(List<PhotoPart> parts, PartStore store) throws IOException {
    List<Integer> missing = new ArrayList<>();
    long photos = 0;
    for (int i = 0; i < parts.size(); i++) {
      if (store.report(i).isEmpty()) {
        missing.add(i);
        photos += parts.get(i).count();
      }
    }
    if (missing.size() < parts.size()) {
      LOG.info(
          "{} of {} parts were done before and are kept",
          parts.size() - missing.size(),
          parts.size());
    }
    if (!missing.isEmpty()) {
      run(parts, missing, photos, store);
    }
    List<PartReport> reports = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      reports.add(store.report(i).orElseThrow());
    }
    check(reports);
    return reports;
  }

  private void run(List<PhotoPart> parts, List<Integer> missing, long photos, PartStore store) {
    Broadcast<List<PhotoPart>> all = context().broadcast(new ArrayList<>(parts));
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop());
    LongAccumulator done = spark.sparkContext().longAccumulator("photos");
    FaceCutting cutting = options.cutting();
    String directory = store.toString();
    JavaFutureAction<Void> running =
        context()
            .parallelize(missing, missing.size())
            .foreachAsync(
                number ->
                    align(
                        number,
                        all.value().get(number),
                        cutting,
                        PartStore.at(directory, configuration.value()),
                        configuration.value(),
                        done));
    Progress progress = new Progress("align " + options.input(), "photos", photos);
    long told = 0;
    try {
      while (!running.isDone()) {
        Thread.sleep(200);
        long now = done.value();
        progress.add(now - told);
        told = now;
      }
      running.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      running.cancel(true);
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while aligning", e);
    } finally {
      all.unpersist();
    }
  }

  /** One part, on an executor. Each core has a task, so that each detector computes on one. */
  private static void align(
      int number,
      PhotoPart part,
      FaceCutting cutting,
      PartStore store,
      Configuration hadoop,
      LongAccumulator done)
      throws IOException {
    Path temporary = store.temporary(number, TaskContext.get().taskAttemptId());
    List<PartReport.Skipped> skipped = new ArrayList<>();
    long[] kept = new long[2];
    try (PhotoAligner aligner = new PhotoAligner(cutting, 1, hadoop);
        AlignedFaceWriter out = new AlignedFaceWriter(temporary, hadoop)) {
      part.each(
          hadoop,
          photo -> {
            PhotoAligner.Outcome outcome = aligner.align(photo.encoded(), photo.where());
            if (outcome instanceof PhotoAligner.Outcome.Aligned aligned) {
              List<AlignedFace> rows = rows(photo, aligned.faces(), cutting);
              for (AlignedFace row : rows) {
                out.write(row);
                kept[0]++;
                kept[1] += row.face().image().length;
              }
            } else if (outcome instanceof PhotoAligner.Outcome.WithoutFace none) {
              skipped.add(
                  new PartReport.Skipped(photo.path(), PartReport.Cause.NO_FACE, none.reason()));
            } else if (outcome instanceof PhotoAligner.Outcome.Unreadable bad) {
              skipped.add(
                  new PartReport.Skipped(photo.where(), PartReport.Cause.UNREADABLE, bad.reason()));
            }
            done.add(1);
          });
    }
    store.accept(number, temporary, new PartReport(part.count(), kept[0], kept[1], skipped));
  }

  private static List<AlignedFace> rows(
      PhotoPart.Photo photo, List<PhotoAligner.Cut> faces, FaceCutting cutting) {
    String name = IdentityName.check(photo.name(), photo.where());
    String identity = IdentityName.check(photo.identity().orElse(UNSORTED), photo.where());
    List<AlignedFace> rows = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      PhotoAligner.Cut cut = faces.get(i);
      var box = cut.face().box();
      String file = cutting.format().fileName(name, i);
      rows.add(
          new AlignedFace(
              new FaceRecord(
                  identity,
                  0,
                  photo.number() * MOST_FACES_A_PHOTO + i,
                  cutting.format().encode(cut.aligned()),
                  cutting.size(),
                  cutting.size(),
                  photo.identity().isPresent() ? identity + "/" + file : file),
              photo.path(),
              i,
              AlignedFace.numbers(
                  cut.face().score(),
                  new double[] {box.left(), box.top(), box.right(), box.bottom()},
                  cut.face().landmarks(),
                  cut.quality().sharpness(),
                  cut.quality().frontality(),
                  cut.quality().misfit())));
    }
    return rows;
  }

  private void check(List<PartReport> reports) {
    long unreadable = reports.stream().mapToLong(PartReport::unreadable).sum();
    if (unreadable > options.unreadable()) {
      PartReport.Skipped first =
          reports.stream()
              .flatMap(report -> report.skipped().stream())
              .filter(one -> one.cause() == PartReport.Cause.UNREADABLE)
              .findFirst()
              .orElseThrow();
      throw new UserError(
          first.reason()
              + " ("
              + unreadable
              + " unreadable photos in all, "
              + options.unreadable()
              + " allowed)",
          first.photo(),
          "repeat the command with --on-bad-record=quarantine --max-bad-records=N, which lists them"
              + " and does no photo again; or delete the '.parts' directory beside the output and"
              + " repair the input");
    }
    if (reports.stream().mapToLong(PartReport::faces).sum() == 0) {
      throw new UserError(
          "no face was found in any photo",
          options.input(),
          "look at the photos, or lower --min-score and the quality options");
    }
  }

  private JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  private Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }
}
