package io.sparkface.pipeline.embed;

import io.sparkface.base.Progress;
import io.sparkface.datasets.faces.Embedding;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceRecord;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Passes a face set through a network on executors and writes one {@link EmbeddingFile} per file of
 * the set. A shard is renamed into place when it is whole, so that a job started again makes only
 * those that are missing.
 */
public final class EmbeddingShards {
  private static final String TEMPORARY = ".tmp";

  private EmbeddingShards() {}

  /** What is kept of an image, made from the network's output. */
  public interface Values extends Serializable {
    float[] of(FaceRecord row, float[] embedding);
  }

  /** Writes the rows of a file. */
  public interface Body {
    void writeTo(EmbeddingFile.Writer out) throws IOException;
  }

  /** Opened once per task, on the executor. */
  public interface Opening extends Serializable {
    Values open() throws IOException;
  }

  /**
   * A shard that is on disk.
   *
   * @param rows images
   * @param width values of each, 0 where there is none
   */
  public record Shard(String path, long rows, int width) implements Serializable {}

  /** Makes the shards that are missing in {@code directory}; all of them, in the files' order. */
  public static List<Shard> write(
      JavaSparkContext spark,
      EmbeddingPass pass,
      Opening values,
      List<String> files,
      String directory,
      EmbeddingFile.Precision precision)
      throws IOException {
    Path target = new Path(directory);
    FileSystem fs = target.getFileSystem(spark.hadoopConfiguration());
    fs.mkdirs(target);
    for (FileStatus left : fs.globStatus(new Path(target, ".shard-*" + TEMPORARY))) {
      fs.delete(left.getPath(), false);
    }
    List<Integer> missing = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      if (!fs.exists(path(directory, i))) {
        missing.add(i);
      }
    }
    List<String> all = new ArrayList<>(files);
    if (!missing.isEmpty()) {
      int tasks = Math.min(EmbeddingPass.networks(spark), missing.size());
      spark
          .parallelize(missing, tasks)
          .foreachPartition(
              part -> {
                Values kept = values.open();
                try (EmbeddingPass.Network network = pass.open()) {
                  while (part.hasNext()) {
                    int number = part.next();
                    write(
                        network,
                        pass.hadoop(),
                        kept,
                        all.get(number),
                        path(directory, number),
                        precision);
                  }
                }
              });
    }
    List<Shard> shards = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      shards.add(shard(path(directory, i), spark.hadoopConfiguration()));
    }
    return shards;
  }

  /** The shard of the set's file {@code number}. */
  public static Path path(String directory, int number) {
    return new Path(directory, String.format(Locale.ROOT, "shard-%05d.parquet", number));
  }

  private static Shard shard(Path path, Configuration hadoop) throws IOException {
    try (EmbeddingFile file = EmbeddingFile.open(path, hadoop)) {
      var rows = file.read();
      int width = rows.hasNext() ? rows.next().values().length : 0;
      return new Shard(path.toString(), file.rows(), width);
    }
  }

  private static void write(
      EmbeddingPass.Network network,
      Configuration hadoop,
      Values values,
      String file,
      Path target,
      EmbeddingFile.Precision precision)
      throws IOException {
    Progress progress = new Progress("embed " + target.getName(), "images", 0);
    try (EmbeddingPass.EmbeddedFile images = network.embedFile(file)) {
      writeWhole(
          target,
          hadoop,
          precision,
          out -> {
            while (images.hasNext()) {
              EmbeddingPass.Embedded image = images.next();
              FaceRecord row = image.row();
              out.write(new Embedding(row.key(), row.label(), values.of(row, image.embedding())));
              progress.add(1);
            }
          });
    }
  }

  /** Writes a file within a task, under a hidden name until it is whole. */
  public static void writeWhole(
      Path target, Configuration hadoop, EmbeddingFile.Precision precision, Body body)
      throws IOException {
    // two attempts of a task may run at the same time: each has a name of its own
    long attempt = TaskContext.get().taskAttemptId();
    Path temporary =
        new Path(target.getParent(), "." + target.getName() + "." + attempt + TEMPORARY);
    try (EmbeddingFile.Writer out = new EmbeddingFile.Writer(temporary, hadoop, precision)) {
      body.writeTo(out);
    }
    FileSystem fs = target.getFileSystem(hadoop);
    if (fs.exists(target) || !fs.rename(temporary, target)) {
      fs.delete(temporary, false);
      // another attempt's will do: it has the same content
      if (!fs.exists(target)) {
        throw new IOException("cannot rename " + temporary + " to " + target);
      }
    }
  }
}
