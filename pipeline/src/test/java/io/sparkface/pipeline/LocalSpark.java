package io.sparkface.pipeline;

import org.apache.spark.sql.SparkSession;

/** Spark in this JVM, two cores. */
public final class LocalSpark {
  private LocalSpark() {}

  /** The session all tests share. */
  public static SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("test")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
  }
}
