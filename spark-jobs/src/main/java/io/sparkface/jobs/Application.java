package io.sparkface.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** A job's Spark session, stopped at its end. */
record Application(SparkSession spark) implements AutoCloseable {
  static Application start(String job) {
    SparkSession.Builder builder = SparkSession.builder().appName("sparkface " + job);
    // jobs run without spark-submit too, in tests and from an IDE
    if (System.getProperty("spark.master") == null) {
      builder.master("local[*]").config("spark.ui.enabled", "false");
    }
    return new Application(builder.getOrCreate());
  }

  JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }

  /** Prints a result as one JSON object on standard output. */
  static void print(Object result) throws IOException {
    System.out.println(new ObjectMapper().writeValueAsString(result));
  }

  @Override
  public void close() {
    spark.stop();
  }
}
