package io.sparkface.models.auxiliary;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Losses that compare the faces of a batch (spec 4.4). With E the embeddings brought to length 1
 * and S = EEᵀ, row i has p the least S to a face of its identity (itself included) and n the
 * largest to another's (-1 where there is none).
 */
public enum TripletLoss {
  /** max(n - p + α, 0) (Hermans et al., 2017). */
  BATCH_HARD {
    @Override
    Pairs of(Batch batch, double alpha) {
      Pairs pairs = new Pairs(batch);
      for (int i = 0; i < batch.size(); i++) {
        int positive = batch.least(i);
        int negative = batch.most(i);
        double n = negative < 0 ? -1 : batch.value(i, negative);
        pairs.hinge(i, n - batch.value(i, positive) + alpha, negative, 1, positive, -1);
      }
      return pairs;
    }
  },

  /** max(n - φ(p), 0), φ(p) = cos(acos p + α), or -2 - that where p ≤ cos(π - α). */
  ARC_BATCH_HARD {
    @Override
    Pairs of(Batch batch, double alpha) {
      Pairs pairs = new Pairs(batch);
      for (int i = 0; i < batch.size(); i++) {
        int positive = batch.least(i);
        int negative = batch.most(i);
        double n = negative < 0 ? -1 : batch.value(i, negative);
        Angle phi = Angle.of(batch.value(i, positive), alpha);
        pairs.hinge(i, n - phi.value(), negative, 1, positive, -phi.slope());
      }
      return pairs;
    }
  },

  /**
   * max(p + α - n, 0) with p the largest squared distance to a face of the identity and n the least
   * to another's, of the embeddings as they are (spec 4.4).
   */
  BATCH_HARD_EUCLIDEAN {
    @Override
    Pairs of(Batch batch, double alpha) {
      Pairs pairs = new Pairs(batch);
      double most = Arrays.stream(batch.values).flatMapToDouble(Arrays::stream).max().orElse(0);
      for (int i = 0; i < batch.size(); i++) {
        // distances: the hardest are the other way round
        int positive = batch.extreme(i, true, 1);
        int negative = batch.extreme(i, false, -1);
        double n = negative < 0 ? most : batch.value(i, negative);
        pairs.hinge(i, batch.value(i, positive) + alpha - n, negative, -1, positive, 1);
      }
      return pairs;
    }
  },

  /** Mean of 1 - S over the identity, and Σ S / (count + 1) over others with p - S below α. */
  BATCH_ALL {
    @Override
    Pairs of(Batch batch, double alpha) {
      Pairs pairs = new Pairs(batch);
      for (int i = 0; i < batch.size(); i++) {
        double p = batch.value(i, batch.least(i));
        int same = 0;
        int near = 0;
        for (int j = 0; j < batch.size(); j++) {
          same += batch.same(i, j) ? 1 : 0;
          near += near(batch, i, j, p, alpha) ? 1 : 0;
        }
        for (int j = 0; j < batch.size(); j++) {
          if (batch.same(i, j)) {
            pairs.add(i, j, (1 - batch.value(i, j)) / same, -1.0 / same);
          } else if (near(batch, i, j, p, alpha)) {
            pairs.add(i, j, batch.value(i, j) / (near + 1), 1.0 / (near + 1));
          }
        }
      }
      return pairs;
    }

    private boolean near(Batch batch, int i, int j, double p, double alpha) {
      return !batch.same(i, j) && p - batch.value(i, j) < alpha;
    }
  },

  /**
   * max(S(a, n) - S(a, p) + α, 0) of each three rows: an anchor, a face of its identity, a face of
   * another (mined before the epoch; spec 2.10). Each of the three rows has that loss, so that the
   * mean over rows is that over triplets.
   */
  OFFLINE {
    @Override
    Pairs of(Batch batch, double alpha) {
      Pairs pairs = new Pairs(batch);
      for (int a = 0; a + 2 < batch.size(); a += TRIPLET) {
        double loss = batch.value(a, a + 2) - batch.value(a, a + 1) + alpha;
        pairs.hinge(a, TRIPLET * loss, a + 2, TRIPLET, a + 1, -TRIPLET);
      }
      return pairs;
    }
  },

  /** As {@link #OFFLINE} with φ of {@link #ARC_BATCH_HARD} (spec 4.4; trap 33). */
  OFFLINE_ARC {
    @Override
    Pairs of(Batch batch, double alpha) {
      Pairs pairs = new Pairs(batch);
      for (int a = 0; a + 2 < batch.size(); a += TRIPLET) {
        Angle phi = Angle.of(batch.value(a, a + 1), alpha);
        double loss = batch.value(a, a + 2) - phi.value();
        pairs.hinge(a, TRIPLET * loss, a + 2, TRIPLET, a + 1, -TRIPLET * phi.slope());
      }
      return pairs;
    }
  };

  static final int TRIPLET = 3;

  /** The loss, given the batch's pairs. */
  abstract Pairs of(Batch batch, double alpha);

  /** Whether batches are mined triplets. */
  public boolean offline() {
    return this == OFFLINE || this == OFFLINE_ARC;
  }

  boolean euclidean() {
    return this == BATCH_HARD_EUCLIDEAN;
  }

  /** What holds between each two faces of a batch: cosines or squared distances [N, N]. */
  record Batch(double[][] values, int[] classes) {
    int size() {
      return classes.length;
    }

    double value(int i, int j) {
      return values[i][j];
    }

    boolean same(int i, int j) {
      return classes[i] == classes[j];
    }

    /** The least similar face of the identity. */
    int least(int i) {
      return extreme(i, true, -1);
    }

    /** The most similar face of another; -1 where there is none. */
    int most(int i) {
      return extreme(i, false, 1);
    }

    /** Where {@code sign * value} is largest in row i, within or outside the identity. */
    int extreme(int i, boolean within, int sign) {
      int found = -1;
      for (int j = 0; j < size(); j++) {
        if (same(i, j) == within && (found < 0 || sign * values[i][j] > sign * values[i][found])) {
          found = j;
        }
      }
      return found;
    }
  }

  /** Losses added up, and their derivative to each pair's value [N, N]. */
  static final class Pairs {
    private final double[][] gradient;
    private double loss;

    Pairs(Batch batch) {
      gradient = new double[batch.size()][batch.size()];
    }

    /** A term of the loss whose derivative to the pair's value is {@code slope}. */
    void add(int i, int j, double value, double slope) {
      loss += value;
      gradient[i][j] += slope;
    }

    /** max(value, 0), a sum of two pairs' values times their slopes. */
    void hinge(int i, double value, int j, double slopeJ, int k, double slopeK) {
      if (value > 0) {
        loss += value;
        if (j >= 0) {
          gradient[i][j] += slopeJ;
        }
        gradient[i][k] += slopeK;
      }
    }

    double loss() {
      return loss;
    }

    INDArray gradient() {
      return Nd4j.createFromArray(gradient);
    }
  }

  /** φ of a cosine and its derivative; beyond ±(1 - 1e-7) the derivative is 0 (trap 31). */
  private record Angle(double value, double slope) {
    private static final double LIMIT = 1 - 1e-7;

    static Angle of(double cosine, double alpha) {
      double c = Math.min(Math.max(cosine, -LIMIT), LIMIT);
      double angle = Math.acos(c) + alpha;
      double slope = c == cosine ? Math.sin(angle) / Math.sqrt(1 - c * c) : 0;
      return c > Math.cos(Math.PI - alpha)
          ? new Angle(Math.cos(angle), slope)
          : new Angle(-2 - Math.cos(angle), -slope);
    }
  }
}
