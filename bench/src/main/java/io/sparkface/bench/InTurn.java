package io.sparkface.bench;

import java.io.IOException;
import java.util.Locale;

/**
 * Rates of ours and of what it is held against, timed in turn, as a machine's speed changes: each
 * of ours lies between two of the other, whose mean it is divided by.
 *
 * @param ours of each repeat, per second
 * @param other of each repeat, per second
 */
record InTurn(double[] ours, double[] other) {
  /** One timing. */
  interface Rate {
    /**
     * @param repeat from 0; the first one, which warms up, has -1
     * @return per second
     */
    double measure(int repeat) throws IOException, InterruptedException;
  }

  static InTurn timed(int repeats, Rate ours, Rate other) throws IOException, InterruptedException {
    InTurn rates = new InTurn(new double[repeats], new double[repeats]);
    for (int i = -1; i < repeats; i++) {
      double before = other.measure(i);
      double own = ours.measure(i);
      double after = other.measure(i);
      if (i >= 0) {
        rates.ours[i] = own;
        rates.other[i] = (before + after) / 2;
      }
    }
    return rates;
  }

  /**
   * Prints all rates, and in the last line the medians.
   *
   * @param what was done
   * @param name of the other in the last line
   */
  void print(String what, String name) throws IOException {
    System.out.printf(
        Locale.ROOT,
        "%s: ours %s %s %s%n",
        what,
        Bench.text(ours, "%.0f"),
        name,
        Bench.text(other, "%.0f"));
    System.out.printf(
        Locale.ROOT,
        "ours=%.1f %s=%.1f ratio=%.2f peak_mib=%d%n",
        Bench.median(ours),
        name,
        Bench.median(other),
        Bench.median(Bench.ratios(ours, other)),
        Memory.peakMebibytes());
  }
}
