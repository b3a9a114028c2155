package io.sparkface.base;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Threads that work side by side, each with a tool of its own. What is begun while they are still
 * busy is gone on with by each as it becomes free, so that none of them waits for the slowest at
 * the end of each piece of work, as with {@link AllCores}.
 *
 * @param <T> what a thread works with
 */
public final class Lanes<T> implements AutoCloseable {
  private final List<Lane<T>> lanes = new ArrayList<>();

  /** A thread and its tool. */
  private record Lane<T>(ExecutorService thread, Future<T> tool) {}

  /** Does one of many things. */
  public interface Work<T> {
    void on(T tool, int index);
  }

  /**
   * @param name of the threads
   * @param count of them
   * @param tool makes each thread's own, on that thread
   */
  public Lanes(String name, int count, Supplier<T> tool) {
    for (int i = 0; i < count; i++) {
      ExecutorService thread =
          Executors.newSingleThreadExecutor(
              body -> {
                Thread created = new Thread(body, name);
                created.setDaemon(true);
                return created;
              });
      lanes.add(new Lane<>(thread, thread.submit(tool::get)));
    }
  }

  /** As many threads as there are cores for Java, with nothing of their own. */
  public static Lanes<Void> ofCores(String name) {
    return new Lanes<>(name, AllCores.count(), () -> null);
  }

  /** Threads. */
  public int count() {
    return lanes.size();
  }

  /**
   * Begins work for 0 to {@code count} - 1, in any order, after all that was begun before. When the
   * future is done, no thread is in this work any more; where it failed, the rest of it was left.
   */
  public CompletableFuture<Void> begin(int count, Work<T> work) {
    AtomicInteger next = new AtomicInteger();
    return CompletableFuture.allOf(
        lanes.stream()
            .map(
                lane ->
                    CompletableFuture.runAsync(
                        () -> {
                          T tool = await(lane.tool());
                          for (int i = next.getAndIncrement();
                              i < count;
                              i = next.getAndIncrement()) {
                            try {
                              work.on(tool, i);
                            } catch (RuntimeException | Error e) {
                              next.set(count);
                              throw e;
                            }
                          }
                        },
                        lane.thread()))
            .toArray(CompletableFuture<?>[]::new));
  }

  /** The result, when it is there; throws what made it fail. */
  public static <R> R await(Future<R> result) {
    try {
      return result.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() instanceof CompletionException c ? c.getCause() : e.getCause();
      if (cause instanceof RuntimeException known) {
        throw known;
      }
      if (cause instanceof Error known) {
        throw known;
      }
      throw new IllegalStateException(cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }

  /** Leaves what has not begun, and waits for what has. */
  @Override
  public void close() {
    lanes.forEach(lane -> lane.thread().shutdownNow());
    try {
      for (Lane<T> lane : lanes) {
        lane.thread().awaitTermination(1, TimeUnit.MINUTES);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
