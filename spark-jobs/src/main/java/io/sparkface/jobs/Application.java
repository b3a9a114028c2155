package io.sparkface.jobs;

import io.sparkface.pipeline.evaluate.ResultJson;
import io.sparkface.pipeline.metrics.MetricsPlugin;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * A job's Spark session, stopped by {@link #end} when the job's exit status is known.
 *
 * @param results standard output as it was before the job began: ND4J prints to it while it builds
 *     graphs, so that for the length of a job it leads to standard error
 */
record Application(SparkSession spark, PrintStream results) implements AutoCloseable {
  static Application start(String job) {
    return start(job, Map.of());
  }

  /**
   * @param defaults Spark settings that hold where the user has set no others
   */
  static Application start(String job, Map<String, String> defaults) {
    SparkSession.Builder builder = SparkSession.builder().appName("sparkface " + job);
    // jobs run without spark-submit too, in tests and from an IDE
    if (System.getProperty("spark.master") == null) {
      builder.master("local[*]").config("spark.ui.enabled", "false");
    }
    String plugins = System.getProperty("spark.plugins", "");
    builder.config(
        "spark.plugins", (plugins.isBlank() ? "" : plugins + ",") + MetricsPlugin.class.getName());
    Map<String, String> settings = forExecutors();
    settings.putAll(defaults);
    // what is set here would go before the command line
    settings.forEach(
        (key, value) -> {
          if (System.getProperty(key) == null) {
            builder.config(key, value);
          }
        });
    PrintStream results = System.out;
    System.setOut(System.err);
    return new Application(builder.getOrCreate(), results);
  }

  /**
   * What executors that share a host need (docs/performance.md): OpenMP's threads must not spin;
   * each process has threads for its own cores alone; without a limit of its own JavaCPP does not
   * look at the process's memory for every array; and the C library gives blocks of a megabyte and
   * more back to the system, where it would soon keep those up to 32 MiB, in pieces that fit
   * nothing: twice the memory of training. And what executors must not read.
   */
  private static Map<String, String> forExecutors() {
    Map<String, String> settings = new HashMap<>();
    settings.put("spark.executorEnv.OMP_WAIT_POLICY", "passive");
    settings.put("spark.executorEnv.MALLOC_MMAP_THRESHOLD_", "1048576");
    settings.put(
        "spark.executor.defaultJavaOptions",
        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0 " + DeserialisationFilter.javaOption());
    String cores = System.getProperty("spark.executor.cores");
    if (cores != null) {
      settings.put("spark.executorEnv.OMP_NUM_THREADS", cores);
    }
    return settings;
  }

  JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  /** Prints a result as one JSON object on standard output; a figure that is not there is null. */
  void print(Object result) throws IOException {
    results.println(ResultJson.mapper().writeValueAsString(result));
  }

  /** Prints a result for people on standard output. */
  void show(Object result) {
    results.print(ResultText.of(result));
  }

  @Override
  public void close() {
    System.setOut(results);
  }

  /**
   * Stops the session there is, if any, with the job's exit status: a client of YARN reports that
   * to it, while a plain stop says that the application has succeeded.
   */
  static void end(int status) {
    SparkSession.getDefaultSession()
        .foreach(
            session -> {
              session.sparkContext().stop(status);
              return null;
            });
  }
}
