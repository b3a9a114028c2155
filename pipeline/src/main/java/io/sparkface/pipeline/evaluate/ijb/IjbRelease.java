package io.sparkface.pipeline.evaluate.ijb;

import io.sparkface.base.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files of IJB-B or IJB-C under a root that holds {@code IJBB/} or {@code IJBC/} (spec 7.3):
 * {@code meta/} and {@code loose_crop/}. Nothing is cached: the files are read anew each time.
 */
public final class IjbRelease {
  private final Path folder;
  private final IjbSubset subset;
  private final Configuration hadoop;

  private IjbRelease(Path folder, IjbSubset subset, Configuration hadoop) {
    this.folder = folder;
    this.subset = subset;
    this.hadoop = hadoop;
  }

  /**
   * @throws UserError when the folder is not there
   */
  public static IjbRelease open(String root, IjbSubset subset, Configuration hadoop)
      throws IOException {
    Path folder = new Path(root, subset.name());
    if (!folder.getFileSystem(hadoop).exists(folder)) {
      throw new UserError(
          "there is no folder " + subset.name(), root, "name the folder that holds it in --data");
    }
    return new IjbRelease(folder, subset, hadoop);
  }

  public IjbSubset subset() {
    return subset;
  }

  /** Folder of the loose crops. */
  String crops() {
    return new Path(folder, subset.images()).toString();
  }

  /**
   * All images; row i of the two meta files describe the same.
   *
   * @throws UserError when they do not
   */
  public List<IjbImage> images() throws IOException {
    List<IjbImage> images = new ArrayList<>();
    try (MetaLines templates = lines(subset.templatesAndMedia(), ' ');
        MetaLines points = lines(subset.landmarks(), ' ')) {
      while (templates.next()) {
        templates.require(3);
        if (!points.next()) {
          throw points.wrong("the file ends before " + subset.templatesAndMedia());
        }
        points.require(12);
        String name = templates.text(0);
        if (!name.equals(points.text(0))) {
          throw points.wrong(
              "'" + points.text(0) + "' stands where the templates' file has '" + name + "'");
        }
        if (name.contains("/") || name.contains("\\") || name.startsWith(".")) {
          throw templates.wrong("'" + name + "' is no name of a file in " + subset.images());
        }
        double[] landmarks = new double[10];
        for (int i = 0; i < landmarks.length; i++) {
          landmarks[i] = points.real(i + 1);
        }
        images.add(
            new IjbImage(
                name, templates.whole(1), templates.whole(2), landmarks, (float) points.real(11)));
      }
      if (points.next()) {
        throw points.wrong("the file goes on after the end of " + subset.templatesAndMedia());
      }
    }
    if (images.isEmpty()) {
      throw new UserError(
          "the release has no image", subset.templatesAndMedia(), "copy the release again");
    }
    return images;
  }

  /** The pairs of the 1:1 protocol. */
  public TemplatePairs pairs() throws IOException {
    return TemplatePairs.read(new Path(folder, subset.pairs()), hadoop);
  }

  /** The two galleries of the 1:N protocol. */
  public List<TemplateSubjects> galleries() throws IOException {
    return List.of(subjects(subset.firstGallery()), subjects(subset.secondGallery()));
  }

  /** The probes of the 1:N protocol. */
  public TemplateSubjects probes() throws IOException {
    return subjects(subset.probes());
  }

  private TemplateSubjects subjects(String file) throws IOException {
    TemplateSubjects.Builder subjects = new TemplateSubjects.Builder();
    try (MetaLines lines = lines(file, ',')) {
      // the header
      lines.next();
      while (lines.next()) {
        lines.require(2);
        subjects.add(lines.whole(0), lines.text(1));
      }
    }
    return subjects.build();
  }

  private MetaLines lines(String file, char separator) throws IOException {
    Path path = new Path(folder, file);
    FileSystem fs = path.getFileSystem(hadoop);
    if (!fs.exists(path)) {
      throw new UserError(
          "the release has no " + file, folder.toString(), "copy the release's meta files there");
    }
    return new MetaLines(fs.open(path), path.toString(), separator);
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
