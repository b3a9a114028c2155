package io.sparkface.pipeline.prepare;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/** A folder of person folders (spec 1.7); keys are the ranks of the files' paths. */
final class FolderSource implements FaceSource {
  private final List<Picture> pictures;
  private final long bytes;
  private final Configuration hadoop;

  /** A picture that is a file of its own. */
  record Picture(String identity, String name, String path, long key) implements Serializable {}

  private FolderSource(List<Picture> pictures, long bytes, Configuration hadoop) {
    this.pictures = pictures;
    this.bytes = bytes;
    this.hadoop = hadoop;
  }

  static FolderSource open(Path root, Configuration hadoop) throws IOException {
    PersonFolders folders = PersonFolders.open(root, hadoop);
    List<Path> files = new ArrayList<>();
    for (PersonFolders.Person person : folders.people()) {
      person.pictures().forEach(picture -> files.add(new Path(picture)));
    }
    files.sort(Comparator.comparing(Path::toString));
    List<Picture> pictures = new ArrayList<>(files.size());
    for (Path file : files) {
      pictures.add(
          new Picture(
              file.getParent().getName(), file.getName(), file.toString(), pictures.size()));
    }
    return new FolderSource(pictures, folders.bytes(), hadoop);
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public JavaRDD<Entry> entries(JavaSparkContext spark) {
    return entries(pictures, spark, new SerializableConfiguration(hadoop));
  }

  /** Reads pictures on executors. */
  static JavaRDD<Entry> entries(
      List<Picture> pictures, JavaSparkContext spark, SerializableConfiguration hadoop) {
    int slices = Math.max(spark.defaultParallelism(), pictures.size() / 10_000);
    return spark.parallelize(pictures, slices).map(picture -> read(picture, hadoop.value()));
  }

  private static Entry read(Picture picture, Configuration hadoop) throws IOException {
    Path path = new Path(picture.path());
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      return FaceSource.entry(
          picture.identity(),
          picture.key(),
          in.readAllBytes(),
          picture.identity() + "/" + picture.name(),
          picture.path(),
          Entry.WHOLE);
    }
  }
}
