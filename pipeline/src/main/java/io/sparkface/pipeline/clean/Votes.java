package io.sparkface.pipeline.clean;

import java.io.Serializable;

/**
 * How an image stands to its identity's sub-centres.
 *
 * @param key of the image
 * @param label of the identity
 * @param cosines with each of the K sub-centres
 */
record Votes(long key, int label, float[] cosines) implements Serializable {
  /** The sub-centre the image votes for: its nearest, the lowest index on ties. */
  int choice() {
    int best = 0;
    for (int k = 1; k < cosines.length; k++) {
      if (cosines[k] > cosines[best]) {
        best = k;
      }
    }
    return best;
  }
}
