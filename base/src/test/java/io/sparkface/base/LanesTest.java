package io.sparkface.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class LanesTest {
  @Test
  void everyThingIsDoneOnceWithTheThreadsOwnTool() {
    AtomicInteger tools = new AtomicInteger();
    Set<String> used = ConcurrentHashMap.newKeySet();
    AtomicIntegerArray done = new AtomicIntegerArray(1000);
    try (Lanes<Integer> lanes = new Lanes<>("test", 3, tools::getAndIncrement)) {
      Lanes.await(
          lanes.begin(
              done.length(),
              (tool, i) -> {
                done.incrementAndGet(i);
                used.add(tool + " of " + Thread.currentThread().getId());
              }));
    }
    assertThat(tools).hasValue(3);
    assertThat(used).hasSizeLessThanOrEqualTo(3);
    for (int i = 0; i < done.length(); i++) {
      assertThat(done.get(i)).isEqualTo(1);
    }
  }

  /** One thread is held in the first work; the other goes on to the second. */
  @Test
  void aFreeThreadGoesOnToWhatWasBegunNext() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch secondDone = new CountDownLatch(5);
    try (Lanes<Void> lanes = new Lanes<>("test", 2, () -> null)) {
      Future<Void> first = lanes.begin(1, (none, i) -> await(held));
      Future<Void> second = lanes.begin(5, (none, i) -> secondDone.countDown());
      assertThat(secondDone.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(first.isDone()).isFalse();
      // not before every thread has left it, the held one too
      assertThatThrownBy(() -> second.get(50, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      held.countDown();
      Lanes.await(first);
      Lanes.await(second);
    }
  }

  @Test
  void aFailureIsThrownAndTheRestIsLeft() {
    AtomicInteger done = new AtomicInteger();
    try (Lanes<Void> lanes = new Lanes<>("test", 1, () -> null)) {
      Future<Void> failing =
          lanes.begin(
              100,
              (none, i) -> {
                if (i == 3) {
                  throw new UserError("no", "three", "four");
                }
                done.incrementAndGet();
              });
      assertThatThrownBy(() -> Lanes.await(failing)).isInstanceOf(UserError.class);
      assertThat(done).hasValue(3);
      // and what comes after it is done
      Lanes.await(lanes.begin(2, (none, i) -> done.incrementAndGet()));
      assertThat(done).hasValue(5);
    }
  }

  @Test
  void aToolThatCannotBeMadeFailsTheWork() {
    try (Lanes<Integer> lanes =
        new Lanes<>(
            "test",
            2,
            () -> {
              throw new UserError("no", "tool", "make one");
            })) {
      assertThatThrownBy(() -> Lanes.await(lanes.begin(1, (tool, i) -> {})))
          .isInstanceOf(UserError.class);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
