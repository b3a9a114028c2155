package io.sparkface.pipeline.clean;

import io.sparkface.base.UserError;
import java.io.Serializable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sub-centres of a margin head, normalised: sub-centre k of identity c is column c * K + k of
 * the head's weights [D, C * K] (spec 3.6).
 */
public final class SubCentres implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int perIdentity;
  private final float[][] centres;

  private SubCentres(int perIdentity, float[][] centres) {
    this.perIdentity = perIdentity;
    this.centres = centres;
  }

  /** The sub-centres in the head's weights [D, identities * perIdentity]. */
  public static SubCentres of(INDArray weights, int identities, int perIdentity) {
    if (weights.size(1) != (long) identities * perIdentity) {
      throw new UserError(
          "the head has " + weights.size(1) + " columns, not " + identities + " x " + perIdentity,
          "the margin head",
          "use the model that was trained on this set");
    }
    float[][] centres = weights.transpose().dup('c').toFloatMatrix();
    for (float[] centre : centres) {
      normalise(centre);
    }
    return new SubCentres(perIdentity, centres);
  }

  /** Cosines of an embedding with the K sub-centres of {@code identity}. */
  public float[] cosines(float[] embedding, int identity) {
    float[] unit = embedding.clone();
    normalise(unit);
    float[] cosines = new float[perIdentity];
    for (int k = 0; k < perIdentity; k++) {
      cosines[k] = dot(unit, centres[identity * perIdentity + k]);
    }
    return cosines;
  }

  /** The identity whose nearest sub-centre is nearest to an embedding. */
  public int nearestIdentity(float[] embedding) {
    int best = 0;
    float most = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < centres.length; c++) {
      float product = dot(embedding, centres[c]);
      if (product > most) {
        most = product;
        best = c;
      }
    }
    return best / perIdentity;
  }

  public int perIdentity() {
    return perIdentity;
  }

  private static float dot(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** x / sqrt(max(sum(x²), 1e-5)), the head's own rule (spec 3.6). */
  private static void normalise(float[] vector) {
    float factor = (float) (1 / Math.sqrt(Math.max(dot(vector, vector), 1e-5)));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
  }
}
