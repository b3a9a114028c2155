package io.sparkface.jobs;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.recognize.Annotation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Pictures with boxes and names, {@code NAME_recognition_result.jpg} in a directory. */
final class AnnotatedPictures {
  private final Path directory;

  private AnnotatedPictures(Path directory) {
    this.directory = directory;
  }

  /**
   * @throws UserError where two pictures of one name would be written over each other
   */
  static AnnotatedPictures of(List<Path> images, Path directory) {
    Set<String> names = new HashSet<>();
    for (Path image : images) {
      if (!names.add(name(image))) {
        throw new UserError(
            "two pictures would be written to one file, " + name(image),
            image.toString(),
            "give them in two commands with two --annotate");
      }
    }
    return new AnnotatedPictures(directory);
  }

  void write(Path image, RgbImage picture, List<Annotation> marks) throws IOException {
    Files.createDirectories(directory);
    String name = name(image);
    RgbImage marked = Annotation.draw(picture, marks);
    Path temporary = directory.resolve("." + name + ".tmp");
    Files.write(
        temporary,
        name.endsWith(".png") ? ImageEncoder.png(marked) : ImageEncoder.jpeg(marked, 0.95));
    Files.move(temporary, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  private static String name(Path image) {
    String file = image.getFileName().toString();
    int dot = file.lastIndexOf('.');
    boolean png = file.toLowerCase(Locale.ROOT).endsWith(".png");
    return (dot < 0 ? file : file.substring(0, dot))
        + "_recognition_result"
        + (png ? ".png" : ".jpg");
  }
}
