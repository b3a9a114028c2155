package io.sparkface.pipeline.evaluate;

import io.sparkface.base.UserError;

/**
 * L2-normalised embeddings of the pictures of a pair set.
 *
 * @param normalised [2 P][width], pair i at 2 i and 2 i + 1; a row of zeros stays as it is
 * @param cosines of each pair; 0 where one of the embeddings is all zero
 * @param same whether each pair shows one person
 */
public record PairEmbeddings(float[][] normalised, double[] cosines, boolean[] same) {
  /**
   * @param raw [2 P][width]; normalised here
   * @throws UserError when a value is not finite
   */
  public static PairEmbeddings of(PairSet set, float[][] raw) {
    double[] cosines = new double[raw.length / 2];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = cosine(raw[2 * i], raw[2 * i + 1]);
      if (!Double.isFinite(cosines[i])) {
        throw new UserError(
            "the network's embeddings have the cosine " + cosines[i],
            set.name() + " pair " + i,
            "use an older checkpoint, and train with a lower learning rate");
      }
    }
    float[][] normalised = new float[raw.length][];
    for (int i = 0; i < raw.length; i++) {
      normalised[i] = Vectors.normalised(raw[i]);
    }
    return new PairEmbeddings(normalised, cosines, set.same());
  }

  private static double cosine(float[] a, float[] b) {
    double norms = Vectors.norm(a) * Vectors.norm(b);
    return norms == 0 ? 0 : Vectors.dot(a, b) / norms;
  }
}
