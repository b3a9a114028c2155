package io.sparkface.pipeline.evaluate.folder;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.ImageDecoder;
import io.sparkface.datasets.images.ImageHeader;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.datasets.verification.VerificationBin;
import io.sparkface.pipeline.embed.EmbeddingCache;
import io.sparkface.pipeline.embed.PicturePass;
import io.sparkface.pipeline.embed.ViewEmbeddings;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.output.Replacement;
import io.sparkface.pipeline.prepare.PersonFolders;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/** One model on person folders: pictures are embedded on executors, compared on the driver. */
public final class FolderEvaluation {
  private static final int SIDE = 112;

  private final Gallery gallery;
  private final Configuration hadoop;

  /**
   * @param cache directory of embeddings kept between runs
   */
  public record Options(
      String model, Normalisation input, PairSet.Flip flip, Optional<String> cache) {}

  /** The pairs that were written. */
  public record WrittenPairs(int same, int different) {}

  private FolderEvaluation(Gallery gallery, Configuration hadoop) {
    this.gallery = gallery;
    this.hadoop = hadoop;
  }

  /** Embeds every picture; one of another size than the network's is resized. */
  public static FolderEvaluation embed(
      JavaSparkContext spark, PersonFolders folders, Options options) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    List<String> paths = Gallery.paths(folders);
    PicturePass pass =
        new PicturePass(options.model(), options.input(), options.flip().views(), hadoop);
    ViewEmbeddings embeddings;
    if (options.cache().isEmpty()) {
      embeddings = pass.collect(spark, paths, FolderEvaluation::picture);
    } else {
      EmbeddingCache cache = new EmbeddingCache(options.cache().get(), hadoop);
      String key =
          EmbeddingCache.key(
              EmbeddingCache.fingerprint(options.model(), hadoop),
              listing(paths, hadoop),
              options.input().name());
      Optional<ViewEmbeddings> kept = cache.find(key, options.flip().views());
      if (kept.isPresent()) {
        embeddings = kept.get();
      } else {
        embeddings = pass.collect(spark, paths, FolderEvaluation::picture);
        cache.store(key, embeddings);
      }
    }
    return new FolderEvaluation(Gallery.of(folders, embeddings.sum()), hadoop);
  }

  /** Names, lengths and times stand for contents: reading them all would be half the work. */
  private static String listing(List<String> paths, Configuration hadoop) throws IOException {
    StringBuilder listing = new StringBuilder();
    for (String path : paths) {
      FileStatus status = new Path(path).getFileSystem(hadoop).getFileStatus(new Path(path));
      listing.append(path + " " + status.getLen() + " " + status.getModificationTime() + "\n");
    }
    return listing.toString();
  }

  private static RgbImage picture(String path, Configuration hadoop) throws IOException {
    return ImageDecoder.decode(bytes(path, hadoop), path);
  }

  private static byte[] bytes(String path, Configuration hadoop) throws IOException {
    Path file = new Path(path);
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return in.readAllBytes();
    }
  }

  /** Every picture against every person. */
  public PrototypeEvaluation prototypes() {
    return PrototypeEvaluation.of(gallery);
  }

  /**
   * Writes a verification {@code .bin} of the hardest pairs. Pictures that are JPEG or PNG of
   * 112x112 go in unchanged, others as PNG of that size.
   *
   * @throws UserError when no pair of one person, or none of two, is within the limits
   */
  public WrittenPairs writePairs(
      String output, HardPairs.Limits limits, StagedOutput.Existing existing) throws IOException {
    Path target = new Path(output);
    FileSystem fs = target.getFileSystem(hadoop);
    if (existing == StagedOutput.Existing.REFUSE && fs.exists(target)) {
      throw new UserError(
          "the output exists already", output, "name another file, or pass --overwrite");
    }
    List<HardPairs.Pair> chosen = HardPairs.of(gallery, limits);
    int same = (int) chosen.stream().filter(HardPairs.Pair::same).count();
    if (same == 0 || same == chosen.size()) {
      throw new UserError(
          "there is no pair of " + (same == 0 ? "one person" : "two people") + " within the limits",
          output,
          "lower --min-positive, raise --max-negative, or add pictures");
    }
    List<FacePair> pairs = new ArrayList<>(chosen.size());
    for (HardPairs.Pair pair : chosen) {
      pairs.add(
          new FacePair(pairs.size(), encoded(pair.first()), encoded(pair.second()), pair.same()));
    }
    Replacement.write(target, hadoop, out -> VerificationBin.write(out, pairs));
    return new WrittenPairs(same, chosen.size() - same);
  }

  private byte[] encoded(int picture) throws IOException {
    String path = gallery.pictures().get(picture);
    byte[] bytes = bytes(path, hadoop);
    ImageHeader header = ImageHeader.of(bytes, path);
    boolean plain =
        header.format() == ImageHeader.Format.JPEG || header.format() == ImageHeader.Format.PNG;
    if (plain && header.width() == SIDE && header.height() == SIDE) {
      return bytes;
    }
    RgbImage image = ImageDecoder.decode(bytes, path).resized(SIDE, SIDE);
    BufferedImage canvas = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    byte[] rgb = image.rgb();
    for (int i = 0; i < rgb.length / 3; i++) {
      int value = (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | rgb[3 * i + 2] & 255;
      canvas.setRGB(i % SIDE, i / SIDE, value);
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(canvas, "png", png);
    return png.toByteArray();
  }
}
