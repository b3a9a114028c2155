package io.sparkface.models.kernels;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Wall time spent in primitives, by kind, and in heads; counted with {@code
 * -Dsparkface.kernels.profile=true} only. Benchmarks read it.
 */
public final class KernelProfile {
  private static final boolean ON = Boolean.getBoolean("sparkface.kernels.profile");
  private static final Map<String, LongAdder> NANOS = new ConcurrentHashMap<>();

  private KernelProfile() {}

  /** Milliseconds by kind since the last call. */
  public static Map<String, Double> take() {
    Map<String, Double> result = new TreeMap<>();
    NANOS.forEach((name, nanos) -> result.put(name, nanos.sumThenReset() / 1e6));
    return result;
  }

  /** The time, if it counts. */
  public static long start() {
    return ON ? System.nanoTime() : 0;
  }

  /** Adds what went by since {@link #start} to a kind. */
  public static void stop(String name, long started) {
    if (ON) {
      NANOS.computeIfAbsent(name, key -> new LongAdder()).add(System.nanoTime() - started);
    }
  }
}
