package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hadoop's own YARN and HDFS, small and in this JVM, with everything Sparkface starts in containers
 * of theirs: data and runs lie on HDFS, jobs are submitted by {@code submit/yarn/train.sh} and
 * {@code submit/spark-submit}.
 */
@Tag("cluster")
class YarnClusterTest {
  @TempDir static Path shared;
  private static MiniDFSCluster hdfs;
  private static MiniYARNCluster yarn;
  private static Path configuration;

  @TempDir Path folder;

  private record Outcome(int status, String text) {}

  @BeforeAll
  static void start() throws Exception {
    Configuration settings = new Configuration();
    settings.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, shared.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(settings).numDataNodes(1).build();
    YarnConfiguration nodes = new YarnConfiguration(settings);
    nodes.set("fs.defaultFS", hdfs.getFileSystem().getUri().toString());
    nodes.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 256);
    nodes.setInt(YarnConfiguration.NM_PMEM_MB, 8192);
    nodes.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
    nodes.setBoolean(YarnConfiguration.NM_DISK_HEALTH_CHECK_ENABLE, false);
    nodes.set("yarn.scheduler.capacity.root.queues", "default");
    nodes.set("yarn.scheduler.capacity.root.default.capacity", "100");
    nodes.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.9");
    yarn = new MiniYARNCluster("sparkface", 2, 1, 1);
    yarn.init(nodes);
    yarn.start();
    configuration = Files.createDirectory(shared.resolve("conf"));
    Configuration known = new Configuration(yarn.getConfig());
    known.set("fs.defaultFS", hdfs.getFileSystem().getUri().toString());
    // a class of the small cluster's alone
    known.set("net.topology.node.switch.mapping.impl", "org.apache.hadoop.net.ScriptBasedMapping");
    // containers are other processes: they find the classes on the class path they are given
    known.set(YarnConfiguration.YARN_APPLICATION_CLASSPATH, "");
    try (OutputStream out = Files.newOutputStream(configuration.resolve("core-site.xml"))) {
      known.writeXml(out);
    }
    Files.copy(configuration.resolve("core-site.xml"), configuration.resolve("yarn-site.xml"));
    assertThat(submit(shared, "synthesize", drawing()).status()).isZero();
    assertThat(
            submit(
                    shared,
                    "prepare",
                    "--input",
                    "/rec",
                    "--output",
                    "/faces",
                    "--",
                    "--master",
                    "yarn",
                    "--num-executors",
                    "2",
                    "--executor-memory",
                    "512m",
                    "--conf",
                    jars())
                .text())
        .contains("images");
  }

  private static String[] drawing() {
    return new String[] {
      "--output", "/rec", "--size", "32", "--identities", "4", "--images", "12", "--pairs", "20"
    };
  }

  @AfterAll
  static void stop() {
    if (yarn != null) {
      yarn.stop();
    }
    if (hdfs != null) {
      hdfs.shutdown();
    }
  }

  /** All nodes are this machine: Spark's jars need not be sent to them. */
  private static String jars() {
    return "spark.yarn.jars=local:" + Submission.ROOT.resolve("submit/target/spark/jars") + "/*";
  }

  private static Outcome submit(Path folder, String job, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Submission.ROOT.resolve("submit/spark-submit").toString());
    command.add(job);
    command.addAll(List.of(words));
    return run(folder, Map.of(), command);
  }

  private static Outcome run(Path folder, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    File log = Files.createTempFile(folder, "job", ".log").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log);
    Map<String, String> all = new HashMap<>(environment);
    all.put("HADOOP_CONF_DIR", configuration.toString());
    all.put("SPARKFACE_DRIVER_MEMORY", "1g");
    all.put("HEAP", "768m");
    all.put("OFFHEAP", "1g");
    builder.environment().putAll(all);
    Process process = builder.start();
    assertThat(process.waitFor(8, TimeUnit.MINUTES)).as(Files.readString(log.toPath())).isTrue();
    return new Outcome(process.exitValue(), Files.readString(log.toPath()));
  }

  private Outcome train(String mode, String output, String... more)
      throws IOException, InterruptedException {
    Path plan =
        Files.writeString(
            folder.resolve("plan.conf"),
            """
            network { image-size = 32, embedding-size = 16, batch-norm-momentum = 0.9 }
            data { batch-size = 8, faces = "/faces" }
            stage-defaults.scale = 8
            stages = [{ epochs = 2 }]
            """);
    List<String> command = new ArrayList<>();
    command.add(Submission.ROOT.resolve("submit/yarn/train.sh").toString());
    command.addAll(List.of(mode, "2", "1", "train", "--conf", plan.toString()));
    command.addAll(List.of("--output", output, "--json", "--conf", jars()));
    command.addAll(List.of(more));
    return run(folder, Map.of(), command);
  }

  private static ApplicationReport newest() throws IOException, YarnException {
    try (YarnClient client = YarnClient.createYarnClient()) {
      client.init(yarn.getConfig());
      client.start();
      return client.getApplications().stream()
          .max(Comparator.comparing(ApplicationReport::getApplicationId))
          .orElseThrow();
    }
  }

  @Test
  void trainsInClientMode() throws Exception {
    Outcome outcome = train("client", "/run-client");
    assertThat(outcome.status()).as(outcome.text()).isZero();
    String result =
        outcome
            .text()
            .lines()
            .filter(line -> line.startsWith("{\"end\""))
            .findFirst()
            .orElseThrow();
    assertThat(new ObjectMapper().readTree(result).get("epochs").asInt()).isEqualTo(2);
    assertThat(newest().getFinalApplicationStatus()).isEqualTo(FinalApplicationStatus.SUCCEEDED);
  }

  @Test
  void trainsInClusterMode() throws Exception {
    Outcome outcome = train("cluster", "/run-cluster");
    assertThat(outcome.status()).as(outcome.text()).isZero();
    assertThat(newest().getFinalApplicationStatus()).isEqualTo(FinalApplicationStatus.SUCCEEDED);
    FileSystem fs = hdfs.getFileSystem();
    assertThat(fs.exists(new org.apache.hadoop.fs.Path("/run-cluster/model/checksums.json")))
        .isTrue();
  }

  @Test
  void aPlanThatIsWrongFailsTheApplication() throws Exception {
    Outcome client = train("client", "/run-wrong", "--set", "data.faces=/nowhere");
    assertThat(client.status()).as(client.text()).isEqualTo(2);
    assertThat(newest().getFinalApplicationStatus()).isNotEqualTo(FinalApplicationStatus.SUCCEEDED);
    Outcome cluster = train("cluster", "/run-wrong", "--set", "data.faces=/nowhere");
    assertThat(cluster.status()).as(cluster.text()).isNotZero();
    assertThat(newest().getFinalApplicationStatus()).isEqualTo(FinalApplicationStatus.FAILED);
  }
}
