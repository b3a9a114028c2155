package io.sparkface.pipeline.distribute;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.plan.Distribution;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The executors that training may use, and what Spark must not do to them meanwhile. */
final class Executors {
  private static final Logger LOG = LoggerFactory.getLogger(Executors.class);
  private static final long LOOK_MILLIS = 500;

  /**
   * How long the number of executors must stay the same where nobody says how many there will be.
   */
  private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final JavaSparkContext spark;
  private final Distribution distribution;

  /** How many there were when last their number had stayed the same; no need to wait again. */
  private int known;

  Executors(JavaSparkContext spark, Distribution distribution) {
    this.spark = spark;
    this.distribution = distribution;
  }

  /** Whether Spark has no executors but the driver. */
  static boolean none(JavaSparkContext spark) {
    return spark.sc().isLocal();
  }

  /** Refuses settings under which a worker may be taken away or run twice. */
  static void requireFixed(SparkConf conf) {
    refuse(conf, "spark.dynamicAllocation.enabled", "executors must stay while they train");
    refuse(conf, "spark.speculation", "a second copy of a worker would train twice");
    String gpus = conf.get("spark.executor.resource.gpu.amount", "0");
    if (!List.of("0", "1").contains(gpus)) {
      throw new UserError(
          "an executor would hold " + gpus + " GPUs, but runs one worker, which uses one",
          "spark.executor.resource.gpu.amount",
          "set it to 1, and ask for as many executors as there are GPUs");
    }
  }

  private static void refuse(SparkConf conf, String key, String why) {
    if (conf.getBoolean(key, false)) {
      throw new UserError(
          "training cannot run with " + key + ": " + why,
          key,
          "add --conf " + key + "=false to the train job");
    }
  }

  /**
   * Waits for the executors.
   *
   * @return how many workers there are to be
   */
  int await() {
    int wanted = wanted();
    if (none(spark)) {
      // threads of one JVM, for trying things out
      return Math.max(1, wanted);
    }
    long start = System.nanoTime();
    long since = start;
    int before = -1;
    while (true) {
      int now = registered();
      if (now != before) {
        before = now;
        since = System.nanoTime();
      }
      long waited = System.nanoTime() - start;
      boolean settled = now > 0 && (now == known || System.nanoTime() - since > SETTLED_NANOS);
      if (wanted > 0 ? now >= wanted : settled) {
        known = now;
        return wanted > 0 ? wanted : now;
      }
      if (waited > distribution.timeout().toNanos()) {
        if (distribution.workers() == 0 && now > 0) {
          LOG.warn(
              "{} executors did not come within {}; going on with {}",
              wanted,
              distribution.timeout(),
              now);
          return now;
        }
        throw new UserError(
            "there are " + now + " executors, " + Math.max(1, wanted) + " are needed",
            distribution.workers() > 0 ? "distribute.workers" : "spark.executor.instances",
            "see whether the cluster has room for them (cores, memory with overhead), ask for"
                + " fewer, or raise distribute.timeout");
      }
      sleep();
    }
  }

  /** Whether Spark has lost executors of {@code workers} that {@link #await} saw. */
  boolean fewerThan(int workers) {
    return !none(spark) && registered() < workers;
  }

  private int wanted() {
    SparkConf conf = spark.getConf();
    return distribution.workers() > 0
        ? distribution.workers()
        : conf.getInt("spark.executor.instances", 0);
  }

  private int registered() {
    // one entry is the driver's
    return spark.sc().getExecutorMemoryStatus().size() - 1;
  }

  private static void sleep() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for executors", e);
    }
  }
}
