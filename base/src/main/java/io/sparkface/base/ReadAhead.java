package io.sparkface.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** What a thread of its own makes, a few items ahead of whoever takes them. */
public final class ReadAhead<T> implements Iterator<T>, AutoCloseable {
  private final BlockingQueue<Item<T>> queue;
  private final Thread maker;
  private Item<T> next;

  /** Takes what is made; waits where the taker is too far behind. */
  public interface Sink<T> {
    void put(T made) throws InterruptedException;
  }

  /** Makes all items. */
  public interface Maker<T> {
    void make(Sink<T> sink) throws Exception;
  }

  /** An item, or the end, with what ended it early. */
  private record Item<T>(T made, boolean end, Optional<Throwable> failure) {}

  /**
   * @param name of the thread
   * @param items most that are made before they are asked for
   */
  public ReadAhead(String name, int items, Maker<T> work) {
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

  /** Waits for the next item; throws what ended the making early. */
  @Override
  public boolean hasNext() {
    if (next == null) {
      try {
        next = queue.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting", e);
      }
    }
    next.failure().ifPresent(ReadAhead::rethrow);
    return !next.end();
  }

  private static void rethrow(Throwable failure) {
    if (failure instanceof RuntimeException known) {
      throw known;
    }
    if (failure instanceof Error known) {
      throw known;
    }
    if (failure instanceof IOException known) {
      throw new UncheckedIOException(known);
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

  /** Items that are made and not asked for yet, the end among them. */
  public int ready() {
    return queue.size();
  }

  /** Ends the making; what is made already is lost. */
  @Override
  public void close() {
    maker.interrupt();
    try {
      while (maker.isAlive()) {
        // one that swallowed the interrupt may wait for room
        queue.clear();
        maker.join(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
