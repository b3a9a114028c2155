package io.sparkface.pipeline.evaluate.folder;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.evaluate.Vectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The pairs of a gallery that are hardest to tell (spec 7.2): of all pairs of one person those with
 * the lowest cosines; of all pairs between a person and the most similar person before, those with
 * the highest. Any number of either is right (trap 56).
 *
 * <p>They are dealt by turns to ten folds, each with its share of both kinds, same pairs first, so
 * that contiguous folds are alike.
 */
public final class HardPairs {
  private static final int FOLDS = 10;

  /**
   * What pairs to take.
   *
   * @param positives most pairs of one person
   * @param negatives most pairs of two people
   * @param leastPositive cosine a pair of one person must exceed: below it the label is doubted
   * @param mostNegative cosine a pair of two people must stay below
   */
  public record Limits(int positives, int negatives, double leastPositive, double mostNegative) {
    public Limits {
      if (positives < 1 || negatives < 1) {
        throw new UserError(
            positives + " pairs of one and " + negatives + " of two people are too few",
            "--positives and --negatives",
            "ask for 1 or more of each");
      }
    }
  }

  /** Two pictures by their numbers in the gallery. */
  record Pair(int first, int second, double cosine, boolean same) {}

  /** Keeps the hardest pairs that were offered. */
  private static final class Hardest {
    private final int most;
    private final PriorityQueue<Pair> easiestFirst;

    Hardest(int most, Comparator<Pair> hardestFirst) {
      this.most = most;
      this.easiestFirst = new PriorityQueue<>(hardestFirst.reversed());
    }

    void offer(Pair pair) {
      easiestFirst.add(pair);
      if (easiestFirst.size() > most) {
        easiestFirst.remove();
      }
    }

    List<Pair> hardestFirst() {
      List<Pair> pairs = new ArrayList<>(easiestFirst);
      pairs.sort(easiestFirst.comparator().reversed());
      return pairs;
    }
  }

  private HardPairs() {}

  /** The pairs in the order of the file. */
  static List<Pair> of(Gallery gallery, Limits limits) {
    Comparator<Pair> byPictures =
        Comparator.comparingInt(Pair::first).thenComparingInt(Pair::second);
    Comparator<Pair> lowest = Comparator.comparingDouble(Pair::cosine).thenComparing(byPictures);
    Comparator<Pair> highest =
        Comparator.comparingDouble(Pair::cosine).reversed().thenComparing(byPictures);
    Hardest positives = new Hardest(limits.positives(), lowest);
    Hardest negatives = new Hardest(limits.negatives(), highest);
    int[] first = new int[gallery.people().size() + 1];
    int[] counts = gallery.counts();
    for (int p = 0; p < counts.length; p++) {
      first[p + 1] = first[p] + counts[p];
    }
    int[] similar = mostSimilarBefore(gallery);
    for (int p = 0; p < counts.length; p++) {
      for (int i = first[p]; i < first[p + 1]; i++) {
        for (int j = i + 1; j < first[p + 1]; j++) {
          Pair pair = pair(gallery, i, j);
          if (pair.cosine() > limits.leastPositive()) {
            positives.offer(pair);
          }
        }
        for (int j = first[similar[p]]; p > 0 && j < first[similar[p] + 1]; j++) {
          Pair pair = pair(gallery, i, j);
          if (pair.cosine() < limits.mostNegative()) {
            negatives.offer(pair);
          }
        }
      }
    }
    return dealt(positives.hardestFirst(), negatives.hardestFirst());
  }

  private static Pair pair(Gallery gallery, int i, int j) {
    return new Pair(
        i,
        j,
        Vectors.dot(gallery.embeddings()[i], gallery.embeddings()[j]),
        gallery.person()[i] == gallery.person()[j]);
  }

  /** For each person the one before whose prototype is nearest; 0 for the first. */
  private static int[] mostSimilarBefore(Gallery gallery) {
    double[][] sums = gallery.sums();
    float[][] prototypes = new float[sums.length][];
    for (int p = 0; p < sums.length; p++) {
      float[] sum = new float[sums[p].length];
      for (int d = 0; d < sum.length; d++) {
        sum[d] = (float) sums[p][d];
      }
      prototypes[p] = Vectors.normalised(sum);
    }
    int[] similar = new int[sums.length];
    for (int p = 1; p < sums.length; p++) {
      double best = Double.NEGATIVE_INFINITY;
      for (int q = 0; q < p; q++) {
        double cosine = Vectors.dot(prototypes[p], prototypes[q]);
        if (cosine > best) {
          best = cosine;
          similar[p] = q;
        }
      }
    }
    return similar;
  }

  private static List<Pair> dealt(List<Pair> same, List<Pair> different) {
    int total = same.size() + different.size();
    List<Pair> order = new ArrayList<>(total);
    int folds = Math.min(FOLDS, Math.max(1, total));
    int[] sameOfFold = new int[folds];
    int[] differentOfFold = new int[folds];
    int end = 0;
    int sameEnd = 0;
    for (int f = 0; f < folds; f++) {
      int size = total / folds + (f < total % folds ? 1 : 0);
      end += size;
      int sameBefore = sameEnd;
      sameEnd = (int) Math.round((double) same.size() * end / total);
      sameOfFold[f] = sameEnd - sameBefore;
      differentOfFold[f] = size - sameOfFold[f];
    }
    List<List<Pair>> sameDealt = dealt(same, sameOfFold);
    List<List<Pair>> differentDealt = dealt(different, differentOfFold);
    for (int f = 0; f < folds; f++) {
      order.addAll(sameDealt.get(f));
      order.addAll(differentDealt.get(f));
    }
    return order;
  }

  /** By turns, a fold that has its number is passed over. */
  private static List<List<Pair>> dealt(List<Pair> pairs, int[] sizes) {
    List<List<Pair>> folds = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      folds.add(new ArrayList<>());
    }
    int fold = 0;
    for (Pair pair : pairs) {
      while (folds.get(fold).size() >= sizes[fold]) {
        fold = (fold + 1) % sizes.length;
      }
      folds.get(fold).add(pair);
      fold = (fold + 1) % sizes.length;
    }
    return folds;
  }
}
