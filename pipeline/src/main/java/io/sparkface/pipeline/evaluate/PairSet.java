package io.sparkface.pipeline.evaluate;

import io.sparkface.base.UserError;
import io.sparkface.datasets.faces.PairFile;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.datasets.verification.VerificationBin;
import io.sparkface.pipeline.embed.Embedder;
import io.sparkface.pipeline.embed.ViewEmbeddings;
import io.sparkface.pipeline.embed.Views;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Pairs of pictures with the answer whether they show one person.
 *
 * @param name base name of the file, as scores are reported under
 * @param pairs in the file's order, on which the folds depend
 */
public record PairSet(String name, List<FacePair> pairs) {
  private static final int BATCH = 64;

  public PairSet {
    pairs = List.copyOf(pairs);
  }

  /** Whether an embedding is the sum of a picture's and its mirror image's. */
  public enum Flip {
    SUM,
    NONE;

    /** What has to be embedded for it. */
    public Views views() {
      return this == SUM ? Views.PLAIN_AND_MIRRORED : Views.PLAIN;
    }
  }

  /** Reads a {@code .bin}, or the Parquet that {@code prepare} makes of one. */
  public static PairSet open(String location, Configuration hadoop) {
    Path path = new Path(location);
    try {
      FileSystem fs = path.getFileSystem(hadoop);
      if (!fs.exists(path)) {
        throw new UserError("there is no such pair set", location, "check the path");
      }
      List<FacePair> pairs =
          fs.getFileStatus(path).isDirectory() ? parquet(fs, path, hadoop) : bin(fs, path);
      if (pairs.isEmpty()) {
        throw new UserError("the set holds no pair", location, "name a set with pairs");
      }
      return new PairSet(path.getName().replaceFirst("\\.(bin|pairs|parquet)$", ""), pairs);
    } catch (IOException e) {
      throw new UserError(
          "the pair set cannot be read: " + e.getMessage(), location, "check the path", e);
    }
  }

  private static List<FacePair> bin(FileSystem fs, Path path) throws IOException {
    try (InputStream in = fs.open(path)) {
      return VerificationBin.read(in, path.toString());
    }
  }

  private static List<FacePair> parquet(FileSystem fs, Path directory, Configuration hadoop)
      throws IOException {
    if (!fs.exists(new Path(directory, "_SUCCESS"))) {
      throw new UserError(
          "the pair set is not complete: it has no _SUCCESS",
          directory.toString(),
          "run prepare again");
    }
    List<FacePair> pairs = new ArrayList<>();
    for (FileStatus status : fs.globStatus(new Path(directory, "*.parquet"))) {
      if (!status.getPath().getName().startsWith("_")) {
        try (PairFile file = PairFile.open(status.getPath(), hadoop)) {
          for (int group = 0; group < file.rowGroupCount(); group++) {
            pairs.addAll(file.read(group));
          }
        }
      }
    }
    pairs.sort(Comparator.comparingInt(FacePair::index));
    return pairs;
  }

  /** Accuracy of {@code embedder} on these pairs. */
  public Verification verify(Embedder embedder, Flip flip) {
    return Verification.of(cosines(embedder, flip), same());
  }

  /** Which pairs show one person. */
  public boolean[] same() {
    boolean[] same = new boolean[pairs.size()];
    for (int i = 0; i < same.length; i++) {
      same[i] = pairs.get(i).same();
    }
    return same;
  }

  /** Cosine of each pair's embeddings; 0 where one of them is all zero. */
  public double[] cosines(Embedder embedder, Flip flip) {
    List<Picture> all = pictures();
    float[][] embeddings = new float[all.size()][];
    for (int from = 0; from < embeddings.length; from += BATCH) {
      int to = Math.min(from + BATCH, embeddings.length);
      List<RgbImage> pictures = all.subList(from, to).stream().map(Picture::decoded).toList();
      float[][] plain = embedder.embed(pictures);
      ViewEmbeddings batch =
          new ViewEmbeddings(
              plain,
              flip == Flip.NONE
                  ? Optional.empty()
                  : Optional.of(embedder.embed(pictures.stream().map(RgbImage::flipped).toList())));
      System.arraycopy(batch.sum(), 0, embeddings, from, to - from);
    }
    return PairEmbeddings.of(this, embeddings).cosines();
  }

  /** A picture of a set, still encoded. */
  public record Picture(byte[] encoded, String where) implements Serializable {
    public RgbImage decoded() {
      return ImageDecoder.decode(encoded, where);
    }
  }

  /** All 2 P pictures: those of pair i at 2 i and 2 i + 1. */
  public List<Picture> pictures() {
    List<Picture> pictures = new ArrayList<>(2 * pairs.size());
    for (int i = 0; i < pairs.size(); i++) {
      pictures.addAll(pictures(i));
    }
    return pictures;
  }

  /** The two pictures of pair {@code i}. */
  List<Picture> pictures(int i) {
    FacePair pair = pairs.get(i);
    String where = name + " pair " + pair.index();
    return List.of(new Picture(pair.first(), where), new Picture(pair.second(), where));
  }
}
