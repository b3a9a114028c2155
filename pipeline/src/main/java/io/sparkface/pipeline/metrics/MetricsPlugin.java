package io.sparkface.pipeline.metrics;

import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Puts {@link JobMetrics} beside Spark's own metrics of driver and executors, as {@code
 * plugin.io.sparkface.pipeline.metrics.MetricsPlugin.NAME}. Every job asks for it by {@code
 * spark.plugins}.
 */
public final class MetricsPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext spark, PluginContext plugin) {
        return Map.of();
      }

      @Override
      public void registerMetrics(String application, PluginContext plugin) {
        plugin.metricRegistry().registerAll(JobMetrics.all());
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext plugin, Map<String, String> extra) {
        plugin.metricRegistry().registerAll(JobMetrics.all());
      }
    };
  }
}
