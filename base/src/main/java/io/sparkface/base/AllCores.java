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

  /** Threads that Java's work is done by. */
  public static int count() {
    return ForkJoinPool.getCommonPoolParallelism() + 1;
  }

  /** Does {@code work} for 0 to {@code count} - 1, in any order; throws what one of them throws. */
  public static void each(int count, IntConsumer work) {
    AtomicInteger next = new AtomicInteger();
    IntStream.range(0, count())
        .parallel()
        .forEach(
            thread -> {
              for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                work.accept(i);
              }
            });
  }
}
