package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the templates ask a scheduler for, without one. */
class SubmitTemplatesTest {
  @TempDir Path folder;

  private record Outcome(int status, String text) {}

  private Outcome run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Outcome(process.exitValue(), Files.readString(log));
  }

  private static String script(String name) {
    return Submission.ROOT.resolve("submit").resolve(name).toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark-submit",
        "quickstart",
        "pipeline",
        "cluster-options",
        "standalone/train.sh",
        "standalone/cluster.sh",
        "yarn/train.sh",
        "slurm/train.sbatch",
        "kubernetes/train.sh"
      })
  void isAShellProgram(String name) throws IOException, InterruptedException {
    assertThat(run(Map.of(), "bash", "-n", script(name))).isEqualTo(new Outcome(0, ""));
  }

  /** A Spark whose spark-submit prints its words. */
  private Path echoingSpark() throws IOException {
    Path submit = folder.resolve("spark/bin/spark-submit");
    Files.createDirectories(submit.getParent());
    Files.writeString(submit, "#!/usr/bin/env bash\nprintf '%s\\n' \"$@\"\n");
    assertThat(submit.toFile().setExecutable(true)).isTrue();
    return folder.resolve("spark");
  }

  private static void assertSafe(String words) {
    assertThat(words)
        .contains(
            "spark.speculation=false",
            "spark.dynamicAllocation.enabled=false",
            "spark.authenticate=true",
            "spark.network.crypto.enabled=true",
            "spark.redaction.regex=",
            "spark.executor.memory=4g",
            // off-heap 6g, a tenth and 384 MiB more
            "spark.executor.memoryOverhead=7142m",
            "-Dorg.bytedeco.javacpp.maxbytes=6g");
  }

  @Test
  void yarnShipsAPlanInClusterMode() throws IOException, InterruptedException {
    Files.writeString(folder.resolve("plan.conf"), "");
    Outcome outcome =
        run(
            Map.of("SPARK_HOME", echoingSpark().toString(), "HADOOP_CONF_DIR", "/etc/hadoop"),
            script("yarn/train.sh"),
            "cluster",
            "8",
            "16",
            "train",
            "--conf",
            folder.resolve("plan.conf").toString(),
            "--output",
            "hdfs:///run1");
    assertThat(outcome.status()).as(outcome.text()).isZero();
    assertSafe(outcome.text());
    List<String> words = outcome.text().lines().toList();
    assertThat(words)
        .containsSequence("--master", "yarn", "--deploy-mode", "cluster", "--num-executors", "8")
        .anyMatch(
            word ->
                word.startsWith(folder.resolve("plan.conf") + ",")
                    && word.endsWith("/log4j2.properties"))
        .containsSequence("train", "--conf", "plan.conf", "--output", "hdfs:///run1");
  }

  @Test
  void kubernetesRunsTheImage() throws IOException, InterruptedException {
    Outcome outcome =
        run(
            Map.of("SPARK_HOME", echoingSpark().toString(), "NAMESPACE", "faces"),
            script("kubernetes/train.sh"),
            "https://api:6443",
            "registry/sparkface:0.1.0",
            "8",
            "16",
            "train",
            "--conf",
            "s3a://b/plan.conf",
            "--output",
            "s3a://b/run1");
    assertThat(outcome.status()).as(outcome.text()).isZero();
    assertSafe(outcome.text());
    assertThat(outcome.text())
        .contains(
            "k8s://https://api:6443",
            "spark.kubernetes.namespace=faces",
            "spark.kubernetes.container.image=registry/sparkface:0.1.0",
            "spark.executor.instances=8",
            "local:///opt/sparkface/sparkface.jar");
  }

  @ParameterizedTest
  @ValueSource(strings = {"standalone/train.sh", "yarn/train.sh", "kubernetes/train.sh"})
  void tooFewWordsAreWrongUsage(String name) throws IOException, InterruptedException {
    Outcome outcome = run(Map.of(), script(name), "one");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.text()).contains("submit/" + name);
  }
}
