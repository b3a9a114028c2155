package io.sparkface.pipeline.clean;

import io.sparkface.datasets.faces.FaceSet;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** The points that images of each identity are measured against. */
sealed interface Centres permits HeadCentres, IdentityMeans {
  CentreKind kind();

  /** How many points each identity has. */
  int perIdentity();

  /**
   * Where the job keeps what it has found about a set, beside its output: a name that no other
   * model, set or kind of centres shares.
   */
  Path workDirectory(Path output, FaceSet faces) throws IOException;

  /**
   * Each image's cosines with its identity's points, one file per file of the set and in its order.
   * Goes on with what is in {@code directory} already.
   *
   * @param least cosine that an image must exceed to stay
   */
  List<String> cosines(FaceSet faces, Path directory, double least) throws IOException;
}
