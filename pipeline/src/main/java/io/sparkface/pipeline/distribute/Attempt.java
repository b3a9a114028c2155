package io.sparkface.pipeline.distribute;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.distribute.Coordinator.Event;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the driver knows of the workers of one attempt at a part of an epoch. */
final class Attempt {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
  private static final Report.Beat NOTHING = new Report.Beat(0, 0, 0, "being started by Spark");

  private final WorkOrder order;
  private final Duration patience;
  private final LongConsumer progress;
  private final Report.Joined[] joined;
  private final Report.Beat[] beats;
  private final Report.Finished[] finished;
  private final TreeMap<Integer, Report.Failed> failed = new TreeMap<>();
  private String lost;
  private long firstFailure;
  private long lastProgress = System.nanoTime();
  private long told;

  /**
   * @param progress told the images of each step that all workers have taken
   */
  Attempt(WorkOrder order, int workers, Duration patience, LongConsumer progress) {
    this.order = order;
    this.patience = patience;
    this.progress = progress;
    this.joined = new Report.Joined[workers];
    this.beats = new Report.Beat[workers];
    this.finished = new Report.Finished[workers];
    Arrays.fill(beats, NOTHING);
  }

  void happened(Event event) {
    int rank = event.rank();
    if (event.report().isEmpty()) {
      if (finished[rank] == null && !failed.containsKey(rank)) {
        fail("worker " + rank + " on " + place(rank) + " is gone", null, rank);
      }
      return;
    }
    Report report = event.report().get();
    if (report instanceof Report.Joined here) {
      joined(rank, here);
    } else if (report instanceof Report.Beat beat) {
      beat(rank, beat);
    } else if (report instanceof Report.Finished done) {
      finished[rank] = done;
      LOG.info("worker {} is done: {}", rank, account(done));
      beat(rank, new Report.Beat(done.steps(), done.images(), done.loss(), "done"));
    } else if (report instanceof Report.Failed failure) {
      fail(null, failure, rank);
    }
  }

  /** What a worker trained, where its time went, and what it sent. */
  private static String account(Report.Finished done) {
    return done.trained()
        + " at rate "
        + done.rates().stream().map(String::valueOf).collect(Collectors.joining(", "))
        + "; "
        + done.seconds().entrySet().stream()
            .map(entry -> String.format(Locale.ROOT, "%s %.2f s", entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", "))
        + String.format(Locale.ROOT, "; %.1f MB sent to its neighbour", done.sent() / 1e6);
  }

  private void joined(int rank, Report.Joined report) {
    for (int other = 0; other < joined.length; other++) {
      Report.Joined there = joined[other];
      if (there != null
          && report.device().startsWith("GPU ")
          && there.host().equals(report.host())
          && there.device().equals(report.device())) {
        throw new UserError(
            "workers "
                + other
                + " and "
                + rank
                + " on "
                + report.host()
                + " would share "
                + report.device(),
            "spark.executor.resource.gpu.amount",
            "set it, spark.task.resource.gpu.amount and the discovery script, so that Spark gives"
                + " each executor a GPU of its own");
      }
    }
    joined[rank] = report;
    LOG.info(
        "worker {}: executor {} on {} listens on {}, {} threads, {}",
        rank,
        report.executor(),
        report.host(),
        report.address(),
        report.threads(),
        report.device());
    progressed();
  }

  private void fail(String gone, Report.Failed report, int rank) {
    if (!failed()) {
      firstFailure = System.nanoTime();
    }
    if (report != null) {
      failed.put(rank, report);
    } else if (lost == null) {
      lost = gone;
    }
  }

  private void beat(int rank, Report.Beat beat) {
    Report.Beat before = beats[rank];
    beats[rank] = beat;
    if (beat.steps() > before.steps() || !beat.doing().equals(before.doing())) {
      progressed();
    }
    // the step that all have taken is the one that is done
    long least = Arrays.stream(beats).mapToLong(Report.Beat::steps).min().orElse(0);
    for (; told < least; told++) {
      progress.accept(order.input().set().batchSize());
    }
  }

  /** Mean loss over the images so far. */
  private static double loss(List<Report.Beat> beats) {
    long images = beats.stream().mapToLong(Report.Beat::images).sum();
    return images == 0 ? 0 : beats.stream().mapToDouble(Report.Beat::loss).sum() / images;
  }

  private void progressed() {
    lastProgress = System.nanoTime();
  }

  int workers() {
    return joined.length;
  }

  /** Whether Spark has started a worker. */
  boolean begun() {
    return Arrays.stream(joined).anyMatch(report -> report != null);
  }

  boolean finished() {
    return Arrays.stream(finished).allMatch(report -> report != null);
  }

  boolean failed() {
    return lost != null || !failed.isEmpty();
  }

  Duration sinceFailure() {
    return Duration.ofNanos(System.nanoTime() - firstFailure);
  }

  /** Whether a worker told why it ended, other than that a neighbour was lost. */
  boolean causeKnown() {
    return failed.values().stream().anyMatch(report -> report.cause() != Report.Cause.PEER);
  }

  /**
   * The error to end with.
   *
   * @return a loss, after which another attempt makes sense
   * @throws UserError what a worker says the user can put right
   * @throws IllegalStateException what failed in a worker
   */
  LostPeerException failure() {
    for (var entry : failed.entrySet()) {
      Report.Failed report = entry.getValue();
      switch (report.cause()) {
        case USER -> throw new UserError(report.problem(), report.where(), report.remedy());
        case FAULT ->
            throw new IllegalStateException(
                "worker "
                    + entry.getKey()
                    + " on "
                    + place(entry.getKey())
                    + " failed: "
                    + report.problem());
        case PEER -> {}
      }
    }
    return new LostPeerException(lost != null ? lost : failed.firstEntry().getValue().problem());
  }

  /** Ends an attempt in which no worker has got on for too long. */
  void requireProgress() {
    if (System.nanoTime() - lastProgress <= patience.toNanos()) {
      return;
    }
    StringBuilder workers = new StringBuilder();
    for (int rank = 0; rank < beats.length; rank++) {
      workers
          .append("; worker ")
          .append(rank)
          .append(" on ")
          .append(place(rank))
          .append(" has taken ")
          .append(beats[rank].steps())
          .append(" steps and is ")
          .append(beats[rank].doing());
    }
    throw new UserError(
        "no worker has got on for " + patience.toSeconds() + " s" + workers,
        "distribute.timeout",
        "look at the worker that took the fewest steps; where a step really takes that long, raise"
            + " distribute.timeout; run the same command again to go on from the last checkpoint");
  }

  private String place(int rank) {
    return joined[rank] == null ? "a host not known" : joined[rank].host();
  }

  /** Checks that what was ordered was done, and done alike. */
  void check(Set<String> parameters) {
    long steps = order.input().steps();
    long images = 0;
    long tally = 0;
    for (int rank = 0; rank < finished.length; rank++) {
      if (finished[rank].steps() != steps) {
        throw new IllegalStateException(
            "worker " + rank + " took " + finished[rank].steps() + " of " + steps + " steps");
      }
      requireRate(rank);
      images += finished[rank].images();
      tally += finished[rank].tally();
    }
    if (images != steps * order.input().set().batchSize()) {
      throw new IllegalStateException(
          "workers saw " + images + " images, not " + steps * order.input().set().batchSize());
    }
    if (tally != ImageTally.of(order.input())) {
      throw new IllegalStateException(
          "workers did not train on each of the images of steps "
              + order.input().first()
              + " to "
              + order.input().end()
              + " once");
    }
    List<String> names = List.copyOf(parameters);
    List<Long> expected = finished[0].checksums();
    for (Report.Finished report : finished) {
      if (!report.checksums().equals(expected)) {
        String differing =
            java.util.stream.IntStream.range(0, names.size())
                .filter(i -> !report.checksums().get(i).equals(expected.get(i)))
                .mapToObj(names::get)
                .collect(Collectors.joining(", "));
        throw new IllegalStateException("workers ended with different values of " + differing);
      }
    }
  }

  private void requireRate(int rank) {
    int last = Math.toIntExact(order.network().iteration() + order.input().steps() - 1);
    double expected = order.network().learningRate().valueAt(last, 0);
    for (double rate : finished[rank].rates()) {
      if (rate != expected) {
        throw new IllegalStateException(
            "worker " + rank + " trained at rate " + rate + ", not " + expected);
      }
    }
  }

  /** Means over all images. */
  StepLoss loss() {
    Map<String, Double> heads = new LinkedHashMap<>();
    for (Report.Finished done : finished) {
      done.heads().forEach((head, sum) -> heads.merge(head, sum, Double::sum));
    }
    long images = Arrays.stream(finished).mapToLong(Report.Finished::images).sum();
    heads.replaceAll((head, sum) -> images == 0 ? 0 : sum / images);
    return new StepLoss(loss(Arrays.asList(beats)), heads);
  }
}
