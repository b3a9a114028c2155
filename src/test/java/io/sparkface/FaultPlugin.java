package io.sparkface;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerSpeculativeTaskSubmitted;

/**
 * Makes executor 0 fail at the worst moment: when a task has written and committed all that it has
 * to, and the driver does not know yet. {@code spark.test.fault} says how: {@code lost} ends its
 * JVM as a power failure would, {@code slow} lets the driver wait for so long that it has another
 * executor do the same. {@code spark.test.task} says at which of its tasks, from 1.
 */
public final class FaultPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext spark, PluginContext plugin) {
        spark.addSparkListener(new Witness());
        return Map.of();
      }
    };
  }

  /** Spark's own log is silent about twins at the level that jobs show. */
  private static final class Witness extends SparkListener {
    @Override
    public void onSpeculativeTaskSubmitted(SparkListenerSpeculativeTaskSubmitted twin) {
      System.err.println("a twin of a task of stage " + twin.stageId());
    }
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Fault();
  }

  private static final class Fault implements ExecutorPlugin {
    private final AtomicInteger done = new AtomicInteger();
    private String kind;
    private int task;

    @Override
    public void init(PluginContext plugin, Map<String, String> extra) {
      kind = plugin.executorID().equals("0") ? plugin.conf().get("spark.test.fault") : "none";
      task = plugin.conf().getInt("spark.test.task", 1);
    }

    @Override
    public void onTaskSucceeded() {
      if (done.incrementAndGet() != task) {
        return;
      }
      System.err.println("the fault '" + kind + "' happens");
      if (kind.equals("lost")) {
        Runtime.getRuntime().halt(9);
      } else if (kind.equals("slow")) {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(60));
      }
    }
  }
}
