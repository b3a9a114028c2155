package io.sparkface.pipeline.evaluate.ijb;

import java.util.BitSet;

/**
 * Pairs of templates to compare, as columns: a release has up to 16 million.
 *
 * @param first template of each pair
 * @param second template of each pair
 * @param same the pairs of one person
 */
public record TemplatePairs(int[] first, int[] second, BitSet same) {
  public int size() {
    return first.length;
  }
}
