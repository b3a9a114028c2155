package io.sparkface.pipeline.evaluate.ijb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.FaceLandmarks;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.PlaneTransform;
import io.sparkface.datasets.images.Point;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.pipeline.prepare.PersonFolders;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Lays out a small release like IJB-B or IJB-C from person folders of aligned faces, so that the
 * whole way from photos to the table can be gone without the real one.
 *
 * <p>Each face is put turned, scaled and shifted into a larger crop, with its landmarks. Every
 * person with at least four images gets a gallery template of one image and probe templates of up
 * to six, whose images come in media of one to three. People go to the two galleries by turns; one
 * in five is in none, so that there are probes nobody knows.
 */
public final class IjbSynthesis {
  private static final int SIDE = FaceLandmarks.TEMPLATE_SIZE;
  private static final int CROP = 160;
  private static final double QUALITY = 0.95;
  private static final int LEAST_IMAGES = 4;
  private static final int PROBE_IMAGES = 6;
  private static final int MEDIA_IMAGES = 3;
  private static final int UNKNOWN = 5;

  private final PersonFolders people;
  private final IjbSubset subset;
  private final int impostors;
  private final Random random;

  /**
   * What was laid out.
   *
   * @param left people that have too few images and were left out
   */
  public record Result(int people, int left, int images, int templates, int pairs, int genuine) {}

  /**
   * @param impostors pairs of different people for each pair of one
   */
  public IjbSynthesis(PersonFolders people, IjbSubset subset, int impostors, long seed) {
    this.people = people;
    this.subset = subset;
    this.impostors = impostors;
    this.random = new Random(seed);
  }

  private record Template(int id, String subject) {}

  /** Writes {@code root/IJBB} or {@code root/IJBC}, which must not exist. */
  public Result write(String root, Configuration hadoop) throws IOException {
    Path folder = new Path(root, subset.name());
    FileSystem fs = folder.getFileSystem(hadoop);
    if (fs.exists(folder)) {
      throw new UserError(
          "the output exists already", folder.toString(), "remove it, or name another --output");
    }
    Path staging = new Path(root, "." + subset.name() + ".staging");
    fs.delete(staging, true);
    Layout layout = new Layout(fs, staging);
    int left = 0;
    int laid = 0;
    for (PersonFolders.Person person : people.people()) {
      if (person.pictures().size() < LEAST_IMAGES) {
        left++;
        continue;
      }
      layout.add(person, laid++);
    }
    if (laid < 2) {
      throw new UserError(
          "fewer than two people have " + LEAST_IMAGES + " images",
          people.toString(),
          "name folders with more images");
    }
    Result result = layout.finish(laid, left);
    if (!fs.rename(staging, folder)) {
      throw new IOException("cannot rename " + staging + " to " + folder);
    }
    return result;
  }

  private final class Layout {
    private final FileSystem fs;
    private final Path folder;
    private final StringBuilder templatesAndMedia = new StringBuilder();
    private final StringBuilder landmarks = new StringBuilder();
    private final List<StringBuilder> galleries = List.of(header(), header());
    private final StringBuilder probes = header();
    private final List<Template> templates = new ArrayList<>();
    private int images;
    private int media;

    Layout(FileSystem fs, Path folder) {
      this.fs = fs;
      this.folder = folder;
    }

    private static StringBuilder header() {
      return new StringBuilder("TEMPLATE_ID,SUBJECT_ID,FILENAME\n");
    }

    void add(PersonFolders.Person person, int number) throws IOException {
      List<String> pictures = new ArrayList<>(person.pictures());
      Collections.shuffle(pictures, random);
      String subject = Integer.toString(number + 1);
      boolean known = number % UNKNOWN != UNKNOWN - 1;
      int from = 0;
      if (known) {
        StringBuilder gallery = galleries.get(number % UNKNOWN % 2);
        template(pictures.subList(0, 1), subject, gallery);
        from = 1;
      }
      while (from < pictures.size()) {
        int to = Math.min(pictures.size(), from + 1 + random.nextInt(PROBE_IMAGES));
        template(pictures.subList(from, to), subject, probes);
        from = to;
      }
    }

    private void template(List<String> pictures, String subject, StringBuilder list)
        throws IOException {
      int id = templates.size() + 1;
      templates.add(new Template(id, subject));
      int inMedia = 0;
      for (String picture : pictures) {
        if (inMedia == 0) {
          media++;
          inMedia = 1 + random.nextInt(MEDIA_IMAGES);
        }
        inMedia--;
        String name = ++images + ".jpg";
        crop(picture, name);
        templatesAndMedia.append(name + " " + id + " " + media + "\n");
        list.append(id + "," + subject + "," + name + "\n");
      }
    }

    private void crop(String picture, String name) throws IOException {
      Path path = new Path(picture);
      RgbImage face;
      try (InputStream in = path.getFileSystem(fs.getConf()).open(path)) {
        face = ImageDecoder.decode(in.readAllBytes(), picture);
      }
      if (face.width() != SIDE || face.height() != SIDE) {
        face = face.resized(SIDE, SIDE);
      }
      double angle = Math.toRadians(-20 + 40 * random.nextDouble());
      double scale = 0.9 + 0.3 * random.nextDouble();
      double cos = scale * Math.cos(angle);
      double sin = scale * Math.sin(angle);
      double centre = (SIDE - 1) / 2.0;
      double x = (CROP - 1) / 2.0 + 8 * random.nextDouble() - 4;
      double y = (CROP - 1) / 2.0 + 8 * random.nextDouble() - 4;
      PlaneTransform place =
          new PlaneTransform(
              cos,
              -sin,
              x - cos * centre + sin * centre,
              sin,
              cos,
              y - sin * centre - cos * centre);
      try (OutputStream out = fs.create(new Path(new Path(folder, subset.images()), name))) {
        out.write(ImageEncoder.jpeg(place.warp(face, CROP, CROP), QUALITY));
      }
      landmarks.append(name);
      for (Point point : FaceLandmarks.TEMPLATE.points()) {
        Point moved = place.apply(point);
        landmarks.append(String.format(Locale.ROOT, " %.4f %.4f", moved.x(), moved.y()));
      }
      landmarks.append(String.format(Locale.ROOT, " %.4f\n", 0.9 + 0.1 * random.nextDouble()));
    }

    Result finish(int laid, int left) throws IOException {
      StringBuilder pairs = new StringBuilder();
      int genuine = 0;
      for (int a = 0; a < templates.size(); a++) {
        for (int b = a + 1; b < templates.size(); b++) {
          if (templates.get(a).subject().equals(templates.get(b).subject())) {
            pairs.append(pair(templates.get(a), templates.get(b), 1));
            genuine++;
          }
        }
      }
      int different = Math.multiplyExact(genuine, impostors);
      for (int i = 0; i < different; ) {
        Template a = templates.get(random.nextInt(templates.size()));
        Template b = templates.get(random.nextInt(templates.size()));
        if (!a.subject().equals(b.subject())) {
          pairs.append(pair(a, b, 0));
          i++;
        }
      }
      write(subset.templatesAndMedia(), templatesAndMedia);
      write(subset.landmarks(), landmarks);
      write(subset.firstGallery(), galleries.get(0));
      write(subset.secondGallery(), galleries.get(1));
      write(subset.probes(), probes);
      write(subset.pairs(), pairs);
      return new Result(laid, left, images, templates.size(), genuine + different, genuine);
    }

    private static String pair(Template a, Template b, int same) {
      return a.id() + " " + b.id() + " " + same + "\n";
    }

    private void write(String file, StringBuilder content) throws IOException {
      try (OutputStream out = fs.create(new Path(folder, file))) {
        out.write(content.toString().getBytes(UTF_8));
      }
    }
  }
}
