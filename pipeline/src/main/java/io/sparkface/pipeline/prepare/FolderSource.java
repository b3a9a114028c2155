package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.IdentityName;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of person folders (spec 1.7); keys are the ranks of the files' paths. */
final class FolderSource implements FaceSource {
  private static final Logger LOG = LoggerFactory.getLogger(FolderSource.class);
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "bmp", "pgm", "ppm");

  private final List<Picture> pictures;
  private final Configuration hadoop;

  private record Picture(String identity, String name, String path, long key)
      implements Serializable {}

  private FolderSource(List<Picture> pictures, Configuration hadoop) {
    this.pictures = pictures;
    this.hadoop = hadoop;
  }

  static FolderSource open(Path root, Configuration hadoop) throws IOException {
    FileSystem fs = root.getFileSystem(hadoop);
    List<Path> files = new ArrayList<>();
    long strays = 0;
    for (FileStatus person : fs.listStatus(root)) {
      if (!person.isDirectory()) {
        strays++;
        continue;
      }
      IdentityName.check(person.getPath().getName(), person.getPath().toString());
      for (FileStatus file : fs.listStatus(person.getPath())) {
        if (file.isFile() && isPicture(file.getPath().getName())) {
          files.add(file.getPath());
        } else {
          strays++;
        }
      }
    }
    if (strays > 0) {
      LOG.warn(
          "{} entries of {} are not pictures in person folders and are left out", strays, root);
    }
    if (files.isEmpty()) {
      throw new UserError(
          "there is no picture in a person folder",
          root.toString(),
          "name a folder whose folders, one a person, hold " + EXTENSIONS);
    }
    files.sort(Comparator.comparing(Path::toString));
    List<Picture> pictures = new ArrayList<>(files.size());
    for (Path file : files) {
      pictures.add(
          new Picture(
              file.getParent().getName(), file.getName(), file.toString(), pictures.size()));
    }
    return new FolderSource(pictures, hadoop);
  }

  private static boolean isPicture(String name) {
    return EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  @Override
  public JavaRDD<Entry> entries(JavaSparkContext spark) {
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    int slices = Math.max(spark.defaultParallelism(), pictures.size() / 10_000);
    return spark.parallelize(pictures, slices).map(picture -> read(picture, configuration.value()));
  }

  private static Entry read(Picture picture, Configuration hadoop) throws IOException {
    Path path = new Path(picture.path());
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      return FaceSource.entry(
          picture.identity(),
          picture.key(),
          in.readAllBytes(),
          picture.identity() + "/" + picture.name(),
          picture.path());
    }
  }
}
