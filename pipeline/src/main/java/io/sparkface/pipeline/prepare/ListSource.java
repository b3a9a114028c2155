package io.sparkface.pipeline.prepare;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.IdentityName;
import io.sparkface.datasets.interchange.ImageList;
import io.sparkface.datasets.interchange.ListedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Pictures that a list of the original's names (spec 2.2): its shuffle cache, what its cleaning
 * leaves, or its distillation set. Identities are the pictures' folders, labels in the order of the
 * list's classes, keys the places in the list.
 *
 * <p>Paths are as the list has them; where the first is not there, pictures are looked for beside
 * the list, by folder and file name.
 */
final class ListSource implements FaceSource {
  private final List<FolderSource.Picture> pictures;
  private final List<String> identities;
  private final Configuration hadoop;

  private ListSource(
      List<FolderSource.Picture> pictures, List<String> identities, Configuration hadoop) {
    this.pictures = pictures;
    this.identities = identities;
    this.hadoop = hadoop;
  }

  /**
   * @throws UserError when the list is damaged, or a folder and a class are not one
   */
  static ListSource open(Path file, Configuration hadoop) throws IOException {
    FileSystem fs = file.getFileSystem(hadoop);
    List<FolderSource.Picture> pictures = new ArrayList<>();
    Map<Integer, String> folders = new TreeMap<>();
    Map<String, Integer> classes = new TreeMap<>();
    try (ImageList list = ImageList.open(() -> fs.open(file), file.toString())) {
      boolean moved = false;
      for (Optional<ListedImage> next = list.next(); next.isPresent(); next = list.next()) {
        ListedImage image = next.get();
        int slash = image.source().indexOf('/');
        if (slash < 0) {
          throw wrong("image " + image.path() + " is in no person's folder", file);
        }
        Path listed = new Path(file.getParent(), image.path());
        if (pictures.isEmpty()) {
          moved = !listed.getFileSystem(hadoop).exists(listed);
        }
        String identity =
            IdentityName.check(image.source().substring(0, slash), file + ", " + image.path());
        requireOne(image.label(), identity, folders.putIfAbsent(image.label(), identity), file);
        requireOne(identity, image.label(), classes.putIfAbsent(identity, image.label()), file);
        pictures.add(
            new FolderSource.Picture(
                identity,
                image.source().substring(slash + 1),
                (moved ? new Path(file.getParent(), image.source()) : listed).toString(),
                pictures.size()));
      }
    }
    return new ListSource(pictures, List.copyOf(folders.values()), hadoop);
  }

  private static <T> void requireOne(Object of, T now, T before, Path file) {
    if (before != null && !before.equals(now)) {
      throw wrong("class or folder " + of + " is both " + before + " and " + now, file);
    }
  }

  private static UserError wrong(String problem, Path file) {
    return new UserError(
        problem, file.toString(), "name a list of folders that hold one person each");
  }

  @Override
  public JavaRDD<Entry> entries(JavaSparkContext spark) {
    return FolderSource.entries(pictures, spark, new SerializableConfiguration(hadoop));
  }

  /** By the first hundred pictures: to ask for the size of millions takes too long. */
  @Override
  public long bytes() {
    int asked = Math.min(100, pictures.size());
    long sum = 0;
    try {
      for (FolderSource.Picture picture : pictures.subList(0, asked)) {
        Path path = new Path(picture.path());
        sum += path.getFileSystem(hadoop).getFileStatus(path).getLen();
      }
    } catch (IOException e) {
      throw new UserError(
          "a picture cannot be reached: " + e.getMessage(),
          pictures.get(0).path(),
          "put the list into the folder that holds the person folders",
          e);
    }
    return asked == 0 ? 0 : sum / asked * pictures.size();
  }

  @Override
  public Optional<List<String>> numbered() {
    return Optional.of(identities);
  }
}
