package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.TaskEndReason;
import org.apache.spark.TaskResultLost$;
import org.apache.spark.executor.ExecutorMetrics;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.JobSucceeded$;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.StageInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** A lost executor is told from every other end of a task, and counts for the job it was under. */
class LostExecutorsTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final TaskEndReason LOSS =
      new ExecutorLostFailure("3", true, Option.apply("heartbeat timed out\n"));

  private final LostExecutors executors = new LostExecutors();

  @BeforeEach
  void twoJobsStart() {
    executors.onJobStart(start(7, 70));
    executors.onJobStart(start(8, 80));
  }

  @Test
  void theReasonIsSparks() throws InterruptedException {
    executors.onTaskEnd(end(70, LOSS));
    assertThat(executors.under(7, LONG)).contains("executor 3 was lost: heartbeat timed out");
  }

  @Test
  void anExecutorIsLostForNoReason() throws InterruptedException {
    executors.onTaskEnd(end(70, new ExecutorLostFailure("3", true, Option.empty())));
    assertThat(executors.under(7, LONG)).contains("executor 3 was lost");
  }

  @Test
  void aTaskOfAnotherJobOrThatEndsOtherwiseIsNone() throws InterruptedException {
    executors.onTaskEnd(end(80, LOSS));
    executors.onTaskEnd(end(70, TaskResultLost$.MODULE$));
    executors.onJobEnd(new SparkListenerJobEnd(7, 0, JobSucceeded$.MODULE$));
    assertThat(executors.under(7, LONG)).isEmpty();
  }

  @Test
  void whatListenersHearLateIsWaitedFor() throws Exception {
    CompletableFuture<Object> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return executors.under(7, LONG);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    executors.onTaskEnd(end(70, LOSS));
    assertThat(answer.get(1, TimeUnit.MINUTES).toString()).contains("executor 3 was lost");
  }

  @Test
  void whatListenersNeverHearIsNotWaitedForWithoutEnd() throws InterruptedException {
    assertThat(executors.under(7, Duration.ofMillis(20))).isEmpty();
  }

  private static SparkListenerJobStart start(int job, int stage) {
    StageInfo info =
        new StageInfo(
            stage, 0, "workers", 2, none(), none(), "", null, none(), Option.empty(), 0, false, 0);
    return new SparkListenerJobStart(job, 0, list(List.of(info)), new Properties());
  }

  private static SparkListenerTaskEnd end(int stage, TaskEndReason reason) {
    return new SparkListenerTaskEnd(
        stage, 0, "ResultTask", reason, null, new ExecutorMetrics(), new TaskMetrics());
  }

  private static <T> Seq<T> none() {
    return list(List.of());
  }

  private static <T> Seq<T> list(List<T> items) {
    return JavaConverters.asScalaBufferConverter(items).asScala();
  }
}
