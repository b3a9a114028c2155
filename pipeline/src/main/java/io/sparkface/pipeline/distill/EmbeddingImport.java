package io.sparkface.pipeline.distill;

import io.sparkface.base.Progress;
import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.Embedding;
import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.datasets.interchange.ImageList;
import io.sparkface.datasets.interchange.ListedImage;
import io.sparkface.pipeline.embed.EmbeddingShards;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.HashPartitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Embeddings that others have stored, {@code .npz} or {@code .tfrecord} (spec 9.2), put in the
 * order of a face set. An image is known by folder and file name, as {@link FaceRecord#source} has
 * them; what the list holds beyond the set is left out, as after cleaning.
 */
public final class EmbeddingImport {
  private final JavaSparkContext spark;
  private final String list;
  private final String data;
  private final String output;

  /** A row of the set: its file, its place there, and whom it shows. */
  private record Place(int file, long row, long key, int label, String source)
      implements Serializable {}

  /** A row with what the list has for it; null for nothing. */
  private record Found(Place place, float[] embedding) implements Serializable {}

  /**
   * @param list the stored embeddings
   * @param data the face set
   * @param output directory of the embeddings in its order
   */
  public EmbeddingImport(JavaSparkContext spark, String list, String data, String output) {
    this.spark = spark;
    this.list = list;
    this.data = data;
    this.output = output;
  }

  /** What is to be done, found without doing it. */
  public record Outlook(long images, long listed, int width) {}

  /**
   * Checks list, data and output; writes nothing.
   *
   * @throws UserError as {@link #run} would for their beginnings
   */
  public Outlook outlook() throws IOException {
    requireNew();
    try (ImageList images = open(list, spark.hadoopConfiguration())) {
      return new Outlook(faces().manifest().rows(), images.size(), images.width());
    }
  }

  /**
   * Writes the embeddings.
   *
   * @throws UserError when the list is damaged or has no embeddings, when an image of the set is
   *     not in it or is there twice, or when the output holds something already
   */
  public EmbeddingSet.Manifest run() throws IOException {
    Outlook outlook = outlook();
    FaceSet faces = faces();
    EmbeddingFile.Precision precision;
    try (ImageList images = open(list, spark.hadoopConfiguration())) {
      precision = images.half() ? EmbeddingFile.Precision.FLOAT16 : EmbeddingFile.Precision.FLOAT32;
    }
    Path target = new Path(output);
    target.getFileSystem(spark.hadoopConfiguration()).mkdirs(target);
    SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
    String directory = output;
    String from = list;
    int files = faces.files().size();
    places(faces, hadoop)
        .leftOuterJoin(embeddings(from, hadoop))
        .values()
        .mapToPair(row -> new Tuple2<>(row._1().file(), new Found(row._1(), row._2().orNull())))
        .groupByKey(new HashPartitioner(files))
        .foreach(
            rows ->
                write(
                    new Shard(from, EmbeddingShards.path(directory, rows._1()), precision),
                    rows._2(),
                    TaskContext.get().taskAttemptId(),
                    hadoop.value()));
    for (int file = 0; file < files; file++) {
      Path shard = EmbeddingShards.path(directory, file);
      if (!target.getFileSystem(spark.hadoopConfiguration()).exists(shard)) {
        // of a file without rows
        write(new Shard(from, shard, precision), List.of(), 0, spark.hadoopConfiguration());
      }
    }
    return EmbeddingSet.complete(
        target,
        new EmbeddingSet.Manifest(faces.manifest().rows(), outlook.width(), data, list, precision),
        spark.hadoopConfiguration());
  }

  private JavaPairRDD<String, Place> places(FaceSet faces, SerializableConfiguration hadoop) {
    List<Tuple2<Integer, String>> files = new ArrayList<>();
    for (String file : faces.files()) {
      files.add(new Tuple2<>(files.size(), file));
    }
    return spark
        .parallelize(files, files.size())
        .flatMapToPair(
            file -> {
              List<Tuple2<String, Place>> places = new ArrayList<>();
              try (FaceFile rows = FaceFile.openNames(new Path(file._2()), hadoop.value())) {
                for (int group = 0; group < rows.rowGroupCount(); group++) {
                  for (FaceRecord row : rows.read(group)) {
                    Place place =
                        new Place(file._1(), places.size(), row.key(), row.label(), row.source());
                    places.add(new Tuple2<>(row.source(), place));
                  }
                }
              }
              return places.iterator();
            });
  }

  /** The list in one task: neither of its formats can be entered in the middle. */
  private JavaPairRDD<String, float[]> embeddings(String from, SerializableConfiguration hadoop) {
    return spark
        .parallelize(List.of(from), 1)
        .flatMapToPair(file -> new Listed(open(file, hadoop.value())));
  }

  private static ImageList open(String file, Configuration hadoop) throws IOException {
    Path path = new Path(file);
    FileSystem fs = path.getFileSystem(hadoop);
    if (!ImageList.named(file) || !fs.exists(path)) {
      throw new UserError(
          "there is no such .npz or .tfrecord", file, "name the file that holds the embeddings");
    }
    ImageList images = ImageList.open(() -> fs.open(path), file);
    if (images.width() == 0) {
      images.close();
      throw new UserError(
          "the list has no embeddings", file, "name one that has, or ask a teacher by --model");
    }
    return images;
  }

  private static final class Listed implements Iterator<Tuple2<String, float[]>> {
    private final ImageList images;
    private final Progress progress;
    private Optional<ListedImage> next;

    Listed(ImageList images) {
      this.images = images;
      this.progress = new Progress("read embeddings", "images", images.size());
      this.next = read();
    }

    private Optional<ListedImage> read() {
      try {
        Optional<ListedImage> read = images.next();
        if (read.isEmpty()) {
          images.close();
        }
        return read;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean hasNext() {
      return next.isPresent();
    }

    @Override
    public Tuple2<String, float[]> next() {
      ListedImage image = next.orElseThrow(NoSuchElementException::new);
      next = read();
      progress.add(1);
      return new Tuple2<>(image.source(), image.embedding().orElseThrow());
    }
  }

  /** What is written of a file of the set, and where it is from. */
  private record Shard(String from, Path path, EmbeddingFile.Precision precision) {}

  private static void write(Shard shard, Iterable<Found> found, long attempt, Configuration hadoop)
      throws IOException {
    List<Found> rows = new ArrayList<>();
    found.forEach(rows::add);
    rows.sort(Comparator.comparingLong(row -> row.place().row()));
    Path target = shard.path();
    // two attempts of a task may run at the same time: each has a name of its own
    Path temporary = new Path(target.getParent(), "." + target.getName() + "." + attempt + ".tmp");
    try (EmbeddingFile.Writer out =
        new EmbeddingFile.Writer(temporary, hadoop, shard.precision())) {
      for (int i = 0; i < rows.size(); i++) {
        Place place = rows.get(i).place();
        if (place.row() != i) {
          throw wrong(place.source(), "is there twice", shard.from());
        }
        if (rows.get(i).embedding() == null) {
          throw wrong(place.source(), "is not in the list", shard.from());
        }
        out.write(new Embedding(place.key(), place.label(), rows.get(i).embedding()));
      }
    }
    FileSystem fs = target.getFileSystem(hadoop);
    fs.delete(target, false);
    if (!fs.rename(temporary, target)) {
      throw new IOException("cannot rename " + temporary + " to " + target);
    }
  }

  private static UserError wrong(String image, String problem, String where) {
    return new UserError(
        "image " + image + " of the set " + problem,
        where,
        "name the embeddings of this set; images are told by folder and file name");
  }

  private FaceSet faces() {
    return FaceSet.open(new Path(data), spark.hadoopConfiguration());
  }

  private void requireNew() throws IOException {
    Path target = new Path(output);
    FileSystem fs = target.getFileSystem(spark.hadoopConfiguration());
    if (fs.exists(new Path(target, EmbeddingSet.SUCCESS))
        || fs.exists(new Path(target, Distillation.STARTED))) {
      throw new UserError(
          "the output holds embeddings already",
          output,
          "name another --output, or delete it first");
    }
  }
}
