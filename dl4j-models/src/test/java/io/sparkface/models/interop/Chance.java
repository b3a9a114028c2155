package io.sparkface.models.interop;

/**
 * Numbers in [-1, 1) that look like chance and follow from a name alone, so that weights can be the
 * same in another framework without a file. With s the sum of the name's characters times their
 * place from 1 and 32-bit arithmetic: h = 2654435761 i + 40503 s; h ^= h >> 15; h *= 2246822519; h
 * ^= h >> 13; h / 2^31 - 1.
 */
public final class Chance {
  private static final long MASK = 0xFFFFFFFFL;

  private Chance() {}

  /** The first {@code count} numbers of a name. */
  public static double[] of(String name, int count) {
    long seed = 0;
    for (int i = 0; i < name.length(); i++) {
      seed += (long) name.charAt(i) * (i + 1);
    }
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      long h = (2654435761L * i + 40503L * seed) & MASK;
      h ^= h >>> 15;
      h = (h * 2246822519L) & MASK;
      h ^= h >>> 13;
      values[i] = h / 2147483648.0 - 1;
    }
    return values;
  }
}
