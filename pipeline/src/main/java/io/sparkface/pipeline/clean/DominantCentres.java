package io.sparkface.pipeline.clean;

import java.io.Serializable;

/**
 * Which images stay: those whose cosine with their identity's dominant sub-centre, the one most of
 * its images vote for, is strictly above cos(angle) (spec 8). Takes as much memory as there are
 * sub-centres, however many images there are.
 */
final class DominantCentres {
  private DominantCentres() {}

  /** The cosine that an image must exceed to lie within an angle. */
  static double leastCosine(double degrees) {
    return Math.cos(Math.toRadians(degrees));
  }

  /** The sub-centre an image votes for: its nearest, the lowest index on ties. */
  static int choice(float[] cosines) {
    int best = 0;
    for (int k = 1; k < cosines.length; k++) {
      if (cosines[k] > cosines[best]) {
        best = k;
      }
    }
    return best;
  }

  /** Votes for each sub-centre of each identity; those of parts of a set may be added up. */
  static final class Votes implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int perIdentity;
    private final int[] counts;

    Votes(int identities, int perIdentity) {
      this.perIdentity = perIdentity;
      this.counts = new int[Math.multiplyExact(identities, perIdentity)];
    }

    void add(int identity, float[] cosines) {
      counts[identity * perIdentity + choice(cosines)]++;
    }

    Votes plus(Votes other) {
      for (int i = 0; i < counts.length; i++) {
        counts[i] += other.counts[i];
      }
      return this;
    }

    /** Of an identity's sub-centres, by index. */
    int[] of(int identity) {
      int[] own = new int[perIdentity];
      System.arraycopy(counts, identity * perIdentity, own, 0, perIdentity);
      return own;
    }

    /** The rule that follows from all votes. */
    Rule rule(double degrees) {
      int[] dominant = new int[counts.length / perIdentity];
      for (int c = 0; c < dominant.length; c++) {
        for (int k = 1; k < perIdentity; k++) {
          if (counts[c * perIdentity + k] > counts[c * perIdentity + dominant[c]]) {
            dominant[c] = k;
          }
        }
      }
      return new Rule(dominant, leastCosine(degrees));
    }
  }

  /**
   * @param dominant sub-centre of each identity
   * @param least cosine with it that an image must exceed
   */
  record Rule(int[] dominant, double least) implements Serializable {
    boolean keeps(int identity, float[] cosines) {
      return cosines[dominant[identity]] > least;
    }
  }

  /** New labels: consecutive over identities of which something is left, else -1. */
  static int[] relabelled(int[] kept) {
    int[] labels = new int[kept.length];
    int next = 0;
    for (int c = 0; c < kept.length; c++) {
      labels[c] = kept[c] > 0 ? next++ : -1;
    }
    return labels;
  }
}
