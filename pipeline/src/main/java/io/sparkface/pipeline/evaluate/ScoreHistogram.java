package io.sparkface.pipeline.evaluate;

import java.util.BitSet;

/**
 * How many scores of either kind lie in each of equally wide bins. Scores beyond an end count in
 * the bin there.
 *
 * @param low where the first bin begins
 * @param high where the last one ends
 * @param same scores of one person, by bin
 * @param different scores of two people
 */
public record ScoreHistogram(double low, double high, long[] same, long[] different) {
  private static final int BINS = 80;

  /** Of cosines, from -1 to 1. */
  public static ScoreHistogram of(double[] cosines, boolean[] same) {
    ScoreHistogram counted = empty();
    for (int i = 0; i < cosines.length; i++) {
      counted.count(cosines[i], same[i]);
    }
    return counted;
  }

  /** As {@link #of(double[], boolean[])}, for millions of scores. */
  public static ScoreHistogram of(float[] cosines, BitSet same) {
    ScoreHistogram counted = empty();
    for (int i = 0; i < cosines.length; i++) {
      counted.count(cosines[i], same.get(i));
    }
    return counted;
  }

  private static ScoreHistogram empty() {
    return new ScoreHistogram(-1, 1, new long[BINS], new long[BINS]);
  }

  private void count(double score, boolean isSame) {
    int bin = (int) Math.floor((score - low) / (high - low) * BINS);
    (isSame ? same : different)[Math.max(0, Math.min(BINS - 1, bin))]++;
  }
}
