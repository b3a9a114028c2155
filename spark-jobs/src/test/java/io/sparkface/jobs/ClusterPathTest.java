package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterPathTest {
  private static final String DEFAULT = "spark.hadoop.fs.defaultFS";
  private final String master = System.getProperty("spark.master");

  @AfterEach
  void restore() {
    System.clearProperty(DEFAULT);
    if (master == null) {
      System.clearProperty("spark.master");
    } else {
      System.setProperty("spark.master", master);
    }
  }

  private static String convert(String master, String path) {
    System.setProperty("spark.master", master);
    return new ClusterPath().convert(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spark://host:7077", "local-cluster[2,1,1024]", "yarn"})
  void executorsAreToldWhereALocalNameLies(String cluster) {
    assertThat(convert(cluster, "faces/emore"))
        .isEqualTo(Path.of("").toAbsolutePath().resolve("faces/emore").toString());
    assertThat(convert(cluster, "/faces")).isEqualTo("/faces");
    assertThat(convert(cluster, "hdfs:///faces")).isEqualTo("hdfs:///faces");
  }

  @Test
  void aNameThatMeansTheSameEverywhereStays() {
    assertThat(convert("local[2]", "faces")).isEqualTo("faces");
    System.setProperty(DEFAULT, "hdfs://host:8020");
    assertThat(convert("yarn", "faces")).isEqualTo("faces");
  }
}
