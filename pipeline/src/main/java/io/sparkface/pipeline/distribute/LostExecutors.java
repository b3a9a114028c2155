package io.sparkface.pipeline.distribute;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.Option;

/**
 * Which of Spark's jobs lost an executor under one of their tasks. The exception of a job that
 * failed has the reason as a text for people only; listeners get it as an object.
 */
final class LostExecutors extends SparkListener {
  /** Which job a stage is of. */
  private final Map<Integer, Integer> jobs = new HashMap<>();

  private final Map<Integer, String> lost = new HashMap<>();
  private final Set<Integer> over = new HashSet<>();

  @Override
  public synchronized void onJobStart(SparkListenerJobStart start) {
    start.stageInfos().foreach(stage -> jobs.put(stage.stageId(), start.jobId()));
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    Integer job = jobs.get(end.stageId());
    if (job != null && end.reason() instanceof ExecutorLostFailure loss) {
      Option<String> reason = loss.reason();
      lost.putIfAbsent(
          job,
          "executor "
              + loss.execId()
              + " was lost"
              + (reason.isDefined() ? ": " + reason.get().strip() : ""));
      notifyAll();
    }
  }

  @Override
  public synchronized void onJobEnd(SparkListenerJobEnd end) {
    over.add(end.jobId());
    notifyAll();
  }

  /**
   * The first executor that {@code job} lost, and why, as Spark says.
   *
   * @param job that has failed. Its caller knows so before listeners do, but they hear of the end
   *     of its tasks before they hear of its own, which is therefore waited for
   * @param patience in which that must come: under load Spark drops what listeners should hear
   */
  synchronized Optional<String> under(int job, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!lost.containsKey(job) && !over.contains(job)) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      wait(Math.max(1, left / 1_000_000));
    }
    return Optional.ofNullable(lost.get(job));
  }
}
