package io.sparkface.pipeline.evaluate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sparkface.base.UserError;
import io.sparkface.datasets.images.Normalisation;
import io.sparkface.pipeline.embed.EmbeddingCache;
import io.sparkface.pipeline.embed.PicturePass;
import io.sparkface.pipeline.embed.ViewEmbeddings;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verification of models on pair sets: pictures are embedded on executors, scored on the driver.
 */
public final class ModelVerification {
  private static final Logger LOG = LoggerFactory.getLogger(ModelVerification.class);

  private final JavaSparkContext spark;
  private final Options options;

  /**
   * @param input pixels of a foreign model
   * @param components principal components the ten folds are measured on; 0 for none
   * @param cache directory of embeddings kept between runs
   */
  public record Options(
      Normalisation input, PairSet.Flip flip, int components, Optional<String> cache) {}

  /** One model on one set. */
  public record Scored(
      String model, PairSet set, PairEmbeddings embeddings, Verification verification) {}

  public ModelVerification(JavaSparkContext spark, Options options) {
    this.spark = spark;
    this.options = options;
  }

  /**
   * @throws UserError when a picture cannot be decoded, or an embedding is not finite
   */
  public Scored of(String model, PairSet set) throws IOException {
    ViewEmbeddings embedded = embed(model, set);
    PairEmbeddings pairs = PairEmbeddings.of(set, embedded.sum());
    int width = pairs.normalised()[0].length;
    if (options.components() > width) {
      throw new UserError(
          "there are no " + options.components() + " principal components of " + width + " values",
          model,
          "ask for at most " + width);
    }
    Verification verification =
        options.components() == 0
            ? Verification.of(pairs.cosines(), pairs.same())
            : Verification.withComponents(pairs, options.components());
    return new Scored(model, set, pairs, verification);
  }

  private ViewEmbeddings embed(String model, PairSet set) throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    List<PairSet.Picture> pictures = set.pictures();
    PicturePass pass = new PicturePass(model, options.input(), options.flip().views(), hadoop);
    if (options.cache().isEmpty()) {
      return pass.collect(spark, pictures, (picture, unused) -> picture.decoded());
    }
    EmbeddingCache cache = new EmbeddingCache(options.cache().get(), hadoop);
    String key =
        EmbeddingCache.key(
            EmbeddingCache.fingerprint(model, hadoop), digest(pictures), options.input().name());
    Optional<ViewEmbeddings> kept = cache.find(key, options.flip().views());
    if (kept.isPresent() && kept.get().size() == pictures.size()) {
      LOG.info("embeddings of {} by {} are taken from {}", set.name(), model, cache);
      return kept.get();
    }
    ViewEmbeddings made = pass.collect(spark, pictures, (picture, unused) -> picture.decoded());
    cache.store(key, made);
    return made;
  }

  private static String digest(List<PairSet.Picture> pictures) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (PairSet.Picture picture : pictures) {
        digest.update(Integer.toString(picture.encoded().length).getBytes(US_ASCII));
        digest.update((byte) ' ');
        digest.update(picture.encoded());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
