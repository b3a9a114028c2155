package io.sparkface.pipeline.embed;

import java.util.Optional;

/**
 * Raw embeddings of n pictures, by the pictures' order.
 *
 * @param plain [n][width]
 * @param mirrored of the mirror images, [n][width]; empty where they were not embedded
 */
public record ViewEmbeddings(float[][] plain, Optional<float[][]> mirrored) {
  public int size() {
    return plain.length;
  }

  /** Which views are here. */
  public Views views() {
    return mirrored.isPresent() ? Views.PLAIN_AND_MIRRORED : Views.PLAIN;
  }

  /** The sum of all views, [n][width] (spec 7.1 step 2). */
  public float[][] sum() {
    if (mirrored.isEmpty()) {
      return plain;
    }
    float[][] sum = new float[plain.length][];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = plain[i].clone();
      float[] other = mirrored.get()[i];
      for (int d = 0; d < other.length; d++) {
        sum[i][d] += other[d];
      }
    }
    return sum;
  }
}
