package io.sparkface.pipeline.distribute;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a worker is at, and the seconds it has spent at each thing; for one thread to change. */
final class Phases {
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private volatile String now;
  private long since = System.nanoTime();

  Phases(String first) {
    now = first;
  }

  /** What the worker is at; to be asked by any thread. */
  String now() {
    return now;
  }

  /** Goes over to the next thing. */
  void at(String next) {
    long time = System.nanoTime();
    seconds.merge(now, (time - since) / 1e9, Double::sum);
    since = time;
    now = next;
  }

  /** Seconds of what is over. */
  Map<String, Double> seconds() {
    return new LinkedHashMap<>(seconds);
  }
}
