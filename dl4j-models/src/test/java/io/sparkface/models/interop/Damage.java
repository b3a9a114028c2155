package io.sparkface.models.interop;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A file with some bytes changed, and every fourth time cut. */
public final class Damage {
  private Damage() {}

  public static Stream<byte[]> of(byte[] whole, long seed, int times) {
    Random random = new Random(seed);
    return IntStream.range(0, times).mapToObj(i -> of(whole, random, i % 4 == 0));
  }

  private static byte[] of(byte[] whole, Random random, boolean cut) {
    byte[] damaged = cut ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
    for (int hits = 1 + random.nextInt(4); hits > 0 && damaged.length > 0; hits--) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
    }
    return damaged;
  }
}
