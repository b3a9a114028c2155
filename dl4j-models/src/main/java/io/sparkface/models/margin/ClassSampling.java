package io.sparkface.models.margin;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/** Which classes a step's softmax runs over, where there are too many for all of them. */
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "@class")
public sealed interface ClassSampling extends java.io.Serializable
    permits ClassSampling.All, ClassSampling.Share, ClassSampling.Split {

  /**
   * The classes of a step, ascending, those of {@code labels} among them.
   *
   * @param classes number of all classes
   * @param iteration steps taken before; the choice is a function of it and of the labels
   */
  int[] choose(int classes, SoftLabels labels, int iteration);

  /** Every class in every step. */
  record All() implements ClassSampling {
    @Override
    public int[] choose(int classes, SoftLabels labels, int iteration) {
      int[] all = new int[classes];
      Arrays.setAll(all, i -> i);
      return all;
    }
  }

  /**
   * The batch's own classes and so many others at random that together they are a share of all
   * (Partial FC, An et al., 2021).
   *
   * @param share above 0, at most 1; usually 0.1
   * @param seed of the choice
   */
  record Share(double share, long seed) implements ClassSampling {
    public Share {
      if (!(share > 0 && share <= 1)) {
        throw new IllegalArgumentException("share of classes " + share);
      }
    }

    @Override
    public int[] choose(int classes, SoftLabels labels, int iteration) {
      boolean[] chosen = new boolean[classes];
      int left = (int) (share * classes);
      for (int i = 0; i < labels.rows(); i++) {
        left -= mark(chosen, labels.first()[i]) + mark(chosen, labels.second()[i]);
      }
      // selection sampling (Knuth, algorithm S) over the classes nobody in the batch belongs to
      SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + iteration);
      int open = 0;
      for (boolean own : chosen) {
        open += own ? 0 : 1;
      }
      for (int c = 0; c < classes && left > 0; c++) {
        if (!chosen[c]) {
          if (random.nextInt(open) < left) {
            chosen[c] = true;
            left--;
          }
          open--;
        }
      }
      return indices(chosen);
    }

    private static int mark(boolean[] chosen, int c) {
      int fresh = chosen[c] ? 0 : 1;
      chosen[c] = true;
      return fresh;
    }

    private static int[] indices(boolean[] chosen) {
      int[] result = new int[chosen.length];
      int count = 0;
      for (int c = 0; c < chosen.length; c++) {
        if (chosen[c]) {
          result[count++] = c;
        }
      }
      return Arrays.copyOf(result, count);
    }
  }

  /**
   * Classes fall into parts of neighbours and a batch comes from one part alone (the original's
   * partial_fc_split). The batch's labels say which, so data and head cannot get out of step, and
   * the last classes of a number that does not divide are in the last part instead of lost (trap
   * 21).
   *
   * @param parts how many, 2 or more
   */
  record Split(int parts) implements ClassSampling {
    public Split {
      if (parts < 2) {
        throw new IllegalArgumentException(parts + " parts");
      }
    }

    /** The part a class belongs to. */
    public int partOf(int c, int classes) {
      return Math.min(c / (classes / parts), parts - 1);
    }

    /**
     * @throws IllegalArgumentException when the labels are not of one part
     */
    @Override
    public int[] choose(int classes, SoftLabels labels, int iteration) {
      int part = partOf(labels.first()[0], classes);
      for (int i = 0; i < labels.rows(); i++) {
        if (partOf(labels.first()[i], classes) != part
            || partOf(labels.second()[i], classes) != part) {
          throw new IllegalArgumentException(
              "classes " + labels.first()[0] + " and " + labels.first()[i] + " are in two parts");
        }
      }
      int from = part * (classes / parts);
      int to = part == parts - 1 ? classes : from + classes / parts;
      int[] neighbours = new int[to - from];
      Arrays.setAll(neighbours, i -> from + i);
      return neighbours;
    }
  }
}
