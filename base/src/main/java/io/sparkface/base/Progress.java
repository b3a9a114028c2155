package io.sparkface.base;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs how far a long piece of work has come, at most once per interval: {@code train epoch 2/5:
 * 1,200/3,200 images, 48.3/s, 0:41 left}. Not for use by several threads at once.
 */
public final class Progress {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final String task;
  private final String unit;
  private final long total;
  private final LongSupplier nanoClock;
  private final long started;
  private long lastLogged;
  private long done;

  /**
   * @param task what is being done
   * @param unit what is counted, in the plural
   * @param total how many there are, or 0 when that is not known
   */
  public Progress(String task, String unit, long total) {
    this(task, unit, total, System::nanoTime);
  }

  Progress(String task, String unit, long total, LongSupplier nanoClock) {
    this.task = task;
    this.unit = unit;
    this.total = total;
    this.nanoClock = nanoClock;
    this.started = nanoClock.getAsLong();
    this.lastLogged = started;
  }

  /** Counts {@code more} units as done and logs a line when the interval has passed. */
  public void add(long more) {
    done += more;
    long now = nanoClock.getAsLong();
    if (now - lastLogged >= INTERVAL.toNanos()) {
      lastLogged = now;
      LOG.info(line());
    }
  }

  /** Units per second since the start. */
  public double rate() {
    double seconds = (nanoClock.getAsLong() - started) / 1e9;
    return seconds > 0 ? done / seconds : 0;
  }

  String line() {
    double rate = rate();
    StringBuilder text = new StringBuilder(task).append(": ").append(grouped(done));
    if (total > 0) {
      text.append('/').append(grouped(total));
    }
    text.append(' ').append(unit).append(String.format(Locale.ROOT, ", %.1f/s", rate));
    if (total > done && rate > 0) {
      text.append(", ").append(clock(Math.round((total - done) / rate))).append(" left");
    }
    return text.toString();
  }

  private static String grouped(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private static String clock(long seconds) {
    long hours = seconds / 3600;
    return hours > 0
        ? String.format(Locale.ROOT, "%d:%02d:%02d", hours, seconds / 60 % 60, seconds % 60)
        : String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
  }
}
