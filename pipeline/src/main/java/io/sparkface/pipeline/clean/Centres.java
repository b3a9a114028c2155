package io.sparkface.pipeline.clean;

import io.sparkface.datasets.faces.FaceSet;
import io.sparkface.pipeline.embed.EmbeddingCache;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** The points that images of each identity are measured against. */
sealed interface Centres permits HeadCentres, IdentityMeans {
  CentreKind kind();

  /** How many points each identity has. */
  int perIdentity();

  /** Tells what images are measured with from other models and other kinds of centres. */
  String fingerprint();

  /**
   * Where the job keeps what it has found about a set, beside its output: a name that no other
   * model, set or kind of centres shares.
   */
  default Path workDirectory(Path output, FaceSet faces) {
    String key = EmbeddingCache.key(fingerprint(), faces.fingerprint());
    return new Path(
        output.getParent(), "." + output.getName() + ".measured-" + key.substring(0, 16));
  }

  /**
   * Each image's cosines with its identity's points, one file per file of the set and in its order.
   * Goes on with what is in {@code directory} already.
   *
   * @param least cosine that an image must exceed to stay
   */
  List<String> cosines(FaceSet faces, Path directory, double least) throws IOException;
}
