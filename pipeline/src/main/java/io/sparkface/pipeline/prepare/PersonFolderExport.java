package io.sparkface.pipeline.prepare;

import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.IdentityName;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Person folders as the original writes them (spec 1.6): {@code class/key.jpg} from RecordIO, the
 * files' own names from folders; bytes unchanged. Everything is read and checked before anything is
 * written, and the folder appears whole.
 */
public final class PersonFolderExport {
  private final JavaSparkContext spark;
  private final FaceInput.Options options;

  public PersonFolderExport(JavaSparkContext spark, FaceInput.Options options) {
    this.spark = spark;
    this.options = options;
  }

  /**
   * What was written.
   *
   * @param quarantined bad records that were left out
   */
  public record Result(long images, int identities, long quarantined) {}

  /** Writes the folders. */
  public Result writeTo(String folder, StagedOutput.Existing existing) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    StagedOutput output = new StagedOutput(folder, existing, hadoop);
    FaceInput input = FaceInput.open(options, hadoop);
    Survey survey = input.survey(spark);
    List<String> names = input.names(survey);
    Broadcast<Set<String>> taken = spark.broadcast(new HashSet<>(names));
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    String staging = output.staging().toString();
    long written =
        input
            .entries(spark)
            .mapPartitions(
                part ->
                    List.of(write(part, taken.value(), new Path(staging), configuration.value()))
                        .iterator())
            .fold(0L, Long::sum);
    Map<String, Long> images = survey.imagesByIdentity();
    long expected = names.stream().mapToLong(images::get).sum();
    if (written != expected) {
      throw new IllegalStateException("wrote " + written + " of " + expected + " images");
    }
    output.publish();
    return new Result(written, names.size(), survey.badPlaces());
  }

  private static long write(
      Iterator<Entry> entries, Set<String> taken, Path folder, Configuration hadoop)
      throws IOException {
    long written = 0;
    Progress progress = new Progress("write folders", "images", 0);
    try (FileSystem fs = PlainFiles.of(folder, hadoop)) {
      while (entries.hasNext()) {
        if (entries.next() instanceof Entry.Good face && taken.contains(face.identity())) {
          try (OutputStream out = fs.create(file(folder, face), true)) {
            out.write(face.image());
          }
          written++;
          progress.add(1);
        }
      }
    }
    return written;
  }

  /** Names in a set that a stranger made must not lead elsewhere. */
  private static Path file(Path folder, Entry.Good face) {
    String name = face.source().substring(face.source().lastIndexOf('/') + 1);
    IdentityName.check(face.identity(), face.where());
    if (name.isBlank() || name.startsWith(".") || name.chars().anyMatch(c -> c < ' ')) {
      throw new UserError(
          "'" + name.replaceAll("\\p{Cntrl}", "?") + "' cannot be the name of a picture",
          face.where(),
          "rename it");
    }
    return new Path(new Path(folder, face.identity()), name);
  }
}
