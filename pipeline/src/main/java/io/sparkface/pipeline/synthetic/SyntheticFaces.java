package io.sparkface.pipeline.synthetic;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.recordio.RecordWriter;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.datasets.verification.VerificationBin;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Writes {@code train.rec}, {@code train.idx} and {@code property} as the field's sets are laid out
 * (spec 1.4: header0 at key 0, images, identity ranges), with some images under a wrong label
 * ({@code noise.json} says which), and {@code heldout.bin}, pairs of people who are not in the
 * training set.
 */
public final class SyntheticFaces {
  private static final double QUALITY = 0.9;
  private static final int HELD_OUT_PEOPLE = 20;
  private static final int FOLDS = 10;

  /**
   * @param identities people in the training set
   * @param imagesEach pictures of each
   * @param side pixels of a picture's side
   * @param noise share of pictures that get another person's label
   * @param pairs verification pairs, half of them of one person
   */
  public record Options(
      int identities, int imagesEach, int side, double noise, int pairs, long seed) {}

  private final Options options;

  public SyntheticFaces(Options options) {
    this.options = options;
  }

  /** Writes all files into {@code directory}. */
  public void write(Path directory, Configuration hadoop) throws IOException {
    FileSystem fs = directory.getFileSystem(hadoop);
    fs.mkdirs(directory);
    SplittableRandom random = new SplittableRandom(options.seed());
    List<DrawnFace> people = new ArrayList<>();
    for (int i = 0; i < options.identities() + HELD_OUT_PEOPLE; i++) {
      people.add(new DrawnFace(random.split()));
    }
    try (RecordWriter records =
        new RecordWriter(
            fs.create(new Path(directory, "train.rec")),
            fs.create(new Path(directory, "train.idx")))) {
      List<Long> noisy = writeRecords(records, people, random.split());
      write(
          fs,
          new Path(directory, "noise.json"),
          new ObjectMapper().writeValueAsBytes(Map.of("keys", noisy)));
    }
    write(
        fs,
        new Path(directory, "property"),
        (options.identities() + "," + options.side() + "," + options.side() + "\n")
            .getBytes(StandardCharsets.US_ASCII));
    try (OutputStream out = fs.create(new Path(directory, "heldout.bin"))) {
      VerificationBin.write(
          out, pairs(people.subList(options.identities(), people.size()), random.split()));
    }
  }

  private List<Long> writeRecords(
      RecordWriter records, List<DrawnFace> people, SplittableRandom random) throws IOException {
    int each = options.imagesEach();
    int identities = options.identities();
    int firstIdentity = identities * each + 1;
    records.write(0, new float[] {firstIdentity, firstIdentity + identities}, new byte[0]);
    List<Long> noisy = new ArrayList<>();
    long key = 1;
    for (int person = 0; person < identities; person++) {
      for (int i = 0; i < each; i++) {
        int shown = person;
        if (random.nextDouble() < options.noise()) {
          shown = (person + 1 + random.nextInt(identities - 1)) % identities;
          noisy.add(key);
        }
        records.write(key++, new float[] {person}, picture(people.get(shown), random));
      }
    }
    for (int person = 0; person < identities; person++) {
      float start = person * each + 1;
      records.write(key++, new float[] {start, start + each}, new byte[0]);
    }
    return noisy;
  }

  private List<FacePair> pairs(List<DrawnFace> people, SplittableRandom random) {
    List<FacePair> pairs = new ArrayList<>();
    int fold = Math.max(2, options.pairs() / FOLDS);
    for (int i = 0; i < options.pairs(); i++) {
      boolean same = i % fold < fold / 2;
      int first = random.nextInt(people.size());
      int second = same ? first : (first + 1 + random.nextInt(people.size() - 1)) % people.size();
      pairs.add(
          new FacePair(
              i, picture(people.get(first), random), picture(people.get(second), random), same));
    }
    return pairs;
  }

  private byte[] picture(DrawnFace person, SplittableRandom random) {
    return ImageEncoder.jpeg(person.picture(options.side(), random), QUALITY);
  }

  private static void write(FileSystem fs, Path file, byte[] content) throws IOException {
    try (OutputStream out = fs.create(file)) {
      out.write(content);
    }
  }
}
