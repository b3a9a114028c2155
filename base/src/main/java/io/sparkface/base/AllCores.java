package io.sparkface.base;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A few hundred pieces of work on this thread and the common pool's. Each thread takes the next
 * piece when it is free: a parallel stream deals out shares beforehand, and at the end of each
 * batch the cores wait for the one that got the dear ones.
 */
public final class AllCores {
  private AllCores() {}

  /** Does {@code work} for 0 to {@code count} - 1, in any order; throws what one of them throws. */
  public static void each(int count, IntConsumer work) {
    AtomicInteger next = new AtomicInteger();
    IntStream.rangeClosed(0, ForkJoinPool.getCommonPoolParallelism())
        .parallel()
        .forEach(
            thread -> {
              for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                work.accept(i);
              }
            });
  }
}
