package io.sparkface.pipeline.input;

/**
 * One seed from several numbers, so that everything random in a run is a function of what it is for
 * and needs no state in a checkpoint.
 */
public final class Seeds {
  private Seeds() {}

  /** A well-mixed 64-bit seed; another one for every list of {@code parts}. */
  public static long of(long seed, long... parts) {
    long mixed = mix(seed + 0x9E3779B97F4A7C15L);
    for (long part : parts) {
      mixed = mix((mixed ^ part) + 0x9E3779B97F4A7C15L);
    }
    return mixed;
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood, 2014). */
  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
