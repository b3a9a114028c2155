package io.sparkface.pipeline.embed;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** What a thread of its own makes, a few items ahead of whoever takes them. */
final class ReadAhead<T> implements Iterator<T>, AutoCloseable {
  private final BlockingQueue<Item<T>> queue;
  private final Thread maker;
  private Item<T> next;

  /** Takes what is made; waits where the taker is too far behind. */
  interface Sink<T> {
    void put(T made) throws InterruptedException;
  }

  /** Makes all items. */
  interface Maker<T> {
    void make(Sink<T> sink) throws Exception;
  }

  /** An item, or the end, with what ended it early. */
  private record Item<T>(T made, boolean end, Optional<Throwable> failure) {}

  ReadAhead(String name, int items, Maker<T> work) {
    this.queue = new ArrayBlockingQueue<>(items);
    this.maker = new Thread(() -> run(work), name);
    maker.setDaemon(true);
    maker.start();
  }

  private void run(Maker<T> work) {
    try {
      try {
        work.make(made -> queue.put(new Item<>(made, false, Optional.empty())));
        queue.put(new Item<>(null, true, Optional.empty()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception | Error e) {
        queue.put(new Item<>(null, true, Optional.of(e)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      try {
        next = queue.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting", e);
      }
      next.failure().ifPresent(ReadAhead::rethrow);
    }
    return !next.end();
  }

  private static void rethrow(Throwable failure) {
    if (failure instanceof RuntimeException known) {
      throw known;
    }
    if (failure instanceof Error known) {
      throw known;
    }
    throw new IllegalStateException(failure);
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    T made = next.made();
    next = null;
    return made;
  }

  @Override
  public void close() {
    maker.interrupt();
    try {
      maker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
