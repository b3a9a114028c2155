package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import io.sparkface.models.schedule.Constant;
import io.sparkface.pipeline.distribute.Coordinator.Event;
import io.sparkface.pipeline.input.BatchDescriptor;
import io.sparkface.pipeline.input.BatchOrder;
import io.sparkface.pipeline.input.RowRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each way in which workers can go wrong ends the attempt with its cause. */
class AttemptTest {
  private static final Set<String> NAMES =
      new java.util.LinkedHashSet<>(List.of("conv_P", "margin_W"));

  /** Three steps of eight images. */
  private static final BatchOrder ORDER =
      new BatchOrder() {
        @Override
        public long steps() {
          return 3;
        }

        @Override
        public Iterator<BatchDescriptor> epoch(int epoch) {
          return IntStream.range(0, 3).mapToObj(step -> batch(step, 0, 8)).iterator();
        }
      };

  private final List<Long> told = new ArrayList<>();

  private static WorkOrder order() {
    return new WorkOrder(
        null,
        new byte[32],
        null,
        new WorkOrder.Network("id", null, new Constant(0.1), 0, 0, 1),
        new WorkOrder.Input(new TrainingSet(null, "", null, 8, 1), ORDER, 0, 0, 3, 0),
        null);
  }

  private Attempt attempt(Duration patience) {
    return new Attempt(order(), 2, patience, told::add);
  }

  private static Event report(int rank, Report report) {
    return new Event(rank, Optional.of(report));
  }

  private static BatchDescriptor batch(int step, int from, int to) {
    return new BatchDescriptor(
        0, step, IntStream.range(from, to).mapToObj(i -> new RowRef(0, 8 * step + i)).toList());
  }

  /** Worker 0 has the first four images of each step, worker 1 the others. */
  private static long tally(int rank) {
    ImageTally tally = new ImageTally();
    for (int step = 0; step < 3; step++) {
      tally.add(batch(step, 4 * rank, 4 * rank + 4));
    }
    return tally.sum();
  }

  private static Event done(int rank, long steps, long images, long sum) {
    return done(rank, steps, images, tally(rank), sum);
  }

  private static Event done(int rank, long steps, long images, long tally, long sum) {
    return done(rank, steps, images, tally, sum, 0.1);
  }

  private static Event done(int rank, long steps, long images, long tally, long sum, double rate) {
    return report(
        rank,
        new Report.Finished(
            steps,
            images,
            tally,
            2.0 * images,
            Map.of(),
            List.of(rate),
            List.of("head"),
            0,
            Map.of(),
            List.of(1L, sum)));
  }

  @Test
  void allDoneAndAlike() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    attempt.happened(report(0, new Report.Beat(2, 8, 16, "computing")));
    attempt.happened(report(1, new Report.Beat(1, 4, 8, "computing")));
    assertThat(told).hasSize(1);
    attempt.happened(done(0, 3, 12, 5));
    assertThat(attempt.finished()).isFalse();
    attempt.happened(done(1, 3, 12, 5));
    assertThat(attempt.finished()).isTrue();
    attempt.check(NAMES);
    assertThat(attempt.loss().sum()).isEqualTo(2.0);
    assertThat(told).containsExactly(8L, 8L, 8L);
  }

  @Test
  void fewerImagesThanOrdered() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    attempt.happened(done(0, 3, 12, 5));
    attempt.happened(done(1, 3, 8, 5));
    assertThatThrownBy(() -> attempt.check(NAMES)).hasMessageContaining("saw 20 images, not 24");
  }

  @Test
  void fewerStepsThanOrdered() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    attempt.happened(done(0, 3, 12, 5));
    attempt.happened(done(1, 2, 12, 5));
    assertThatThrownBy(() -> attempt.check(NAMES))
        .hasMessageContaining("worker 1 took 2 of 3 steps");
  }

  @Test
  void anImageTwiceInPlaceOfAnother() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    attempt.happened(done(0, 3, 12, 5));
    // as many images as ordered, but worker 1 did those of worker 0
    attempt.happened(done(1, 3, 12, tally(0), 5));
    assertThatThrownBy(() -> attempt.check(NAMES))
        .hasMessageContaining("did not train on each of the images of steps 0 to 3 once");
  }

  @Test
  void theRateOfAnEarlierStage() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    attempt.happened(done(0, 3, 12, 5));
    attempt.happened(done(1, 3, 12, tally(1), 5, 0.2));
    assertThatThrownBy(() -> attempt.check(NAMES))
        .hasMessageContaining("worker 1 trained at rate 0.2, not 0.1");
  }

  @Test
  void replicasThatDiffer() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    attempt.happened(done(0, 3, 12, 5));
    attempt.happened(done(1, 3, 12, 6));
    assertThatThrownBy(() -> attempt.check(NAMES))
        .hasMessageContaining("different values of margin_W");
  }

  @Test
  void aWorkersUserErrorComesAsItWas() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    // the neighbour notices first
    attempt.happened(report(0, new Report.Failed(Report.Cause.PEER, "gone", "", "")));
    assertThat(attempt.causeKnown()).isFalse();
    attempt.happened(
        report(1, new Report.Failed(Report.Cause.USER, "bad picture", "row 7", "clean")));
    assertThat(attempt.causeKnown()).isTrue();
    assertThatThrownBy(attempt::failure)
        .isInstanceOf(UserError.class)
        .hasMessageContaining("bad picture")
        .hasMessageContaining("row 7");
  }

  @Test
  void aWorkersFaultIsNotTriedAgain() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    attempt.happened(report(1, new Report.Failed(Report.Cause.FAULT, "OutOfMemoryError", "", "")));
    assertThatThrownBy(attempt::failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("worker 1")
        .hasMessageContaining("OutOfMemoryError");
  }

  @Test
  void aLostWorkerIsWorthAnotherAttempt() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    attempt.happened(report(1, new Report.Joined("4", "host-b", "host-b:1", 1, "CpuBackend")));
    attempt.happened(new Event(1, Optional.empty()));
    assertThat(attempt.failed()).isTrue();
    assertThat(attempt.failure()).hasMessageContaining("worker 1 on host-b is gone");
  }

  @Test
  void aHangIsToldWithWhatEachWorkerIsAt() throws InterruptedException {
    Attempt attempt = attempt(Duration.ofMillis(20));
    attempt.happened(report(0, new Report.Beat(2, 8, 1, "exchanging gradients")));
    attempt.happened(report(1, new Report.Beat(1, 4, 1, "waiting for images")));
    Thread.sleep(40);
    // a sign of life is no progress
    attempt.happened(report(1, new Report.Beat(1, 4, 1, "waiting for images")));
    assertThatThrownBy(attempt::requireProgress)
        .isInstanceOf(UserError.class)
        .hasMessageContaining(
            "worker 1 on a host not known has taken 1 steps and is waiting for images");
  }

  @Test
  void twoWorkersOnOneGpuAreRefused() {
    Attempt attempt = attempt(Duration.ofMinutes(1));
    String device = "GPU 0 (A10, 8.6)";
    attempt.happened(report(0, new Report.Joined("0", "host-a", "host-a:1", 1, device)));
    assertThatThrownBy(
            () ->
                attempt.happened(
                    report(1, new Report.Joined("1", "host-a", "host-a:2", 1, device))))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("workers 0 and 1 on host-a would share GPU 0");
  }
}
