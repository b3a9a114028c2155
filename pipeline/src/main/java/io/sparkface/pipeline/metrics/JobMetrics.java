package io.sparkface.pipeline.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.SharedMetricRegistries;

/**
 * What this process has done since it began:
 *
 * <table>
 *   <caption>metrics of {@link MetricsPlugin}</caption>
 *   <tr><td>{@code images.trained}</td><td>count and rates per second</td></tr>
 *   <tr><td>{@code images.embedded}</td><td>count and rates per second</td></tr>
 *   <tr><td>{@code loss}</td><td>of the last step, mean of its images</td></tr>
 *   <tr><td>{@code batches.ready}</td><td>batches that were decoded when the last step began; 0 again and
 *   again means that the input is slower than the network</td></tr>
 * </table>
 *
 * <p>They are in the process's shared registry because Spark makes the plugin and the tasks apart
 * from each other.
 */
public final class JobMetrics {
  private static final String IMAGES_TRAINED = "images.trained";
  private static final String IMAGES_EMBEDDED = "images.embedded";
  private static final String LOSS = "loss";
  private static final String BATCHES_READY = "batches.ready";

  private JobMetrics() {}

  /** Counts a step over {@code images} of mean loss {@code loss}. */
  public static void trained(int images, double loss) {
    registry().meter(IMAGES_TRAINED).mark(images);
    last(LOSS).value = loss;
  }

  /** Counts images that went through a network. */
  public static void embedded(int images) {
    registry().meter(IMAGES_EMBEDDED).mark(images);
  }

  /** Says how many batches wait for the network. */
  public static void ready(int batches) {
    last(BATCHES_READY).value = batches;
  }

  /** All of them, those that nothing was said of yet too. */
  static MetricRegistry all() {
    registry().meter(IMAGES_TRAINED);
    registry().meter(IMAGES_EMBEDDED);
    last(LOSS);
    last(BATCHES_READY);
    return registry();
  }

  private static MetricRegistry registry() {
    return SharedMetricRegistries.getOrCreate("sparkface");
  }

  @SuppressWarnings("unchecked") // only this class adds gauges
  private static Last last(String name) {
    return (Last) (Gauge<Double>) registry().gauge(name, Last::new);
  }

  /** The value last set. */
  private static final class Last implements Gauge<Double> {
    private volatile double value;

    @Override
    public Double getValue() {
      return value;
    }
  }
}
