package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A master and two workers of the embedded Spark, started and used by the templates. */
@Tag("cluster")
class StandaloneClusterTest {
  @TempDir Path folder;
  private final List<Process> daemons = new ArrayList<>();

  private Process start(String log, String... command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(log).toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("SPARKFACE_DRIVER_MEMORY", "1g");
    builder.environment().put("HEAP", "768m");
    builder.environment().put("OFFHEAP", "1g");
    builder.environment().put("WEBUI_PORT", "0");
    builder.environment().put("SPARK_WORKER_DIR", folder.resolve(log + "-work").toString());
    return builder.start();
  }

  private static String script(String name) {
    return Submission.ROOT.resolve("submit/standalone").resolve(name).toString();
  }

  private void awaitLog(String log, String text) throws IOException, InterruptedException {
    for (int i = 0; i < 600 && !read(log).contains(text); i++) {
      Thread.sleep(100);
    }
    assertThat(read(log)).contains(text);
  }

  private String read(String log) throws IOException {
    return Files.readString(folder.resolve(log));
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Process daemon : daemons) {
      daemon.descendants().forEach(ProcessHandle::destroy);
      daemon.destroy();
      daemon.waitFor(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void trainsOnTwoWorkers() throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String master = "spark://127.0.0.1:" + port;
    daemons.add(start("master", script("cluster.sh"), "master", master));
    daemons.add(start("worker1", script("cluster.sh"), "worker", master, "1", "3g"));
    daemons.add(start("worker2", script("cluster.sh"), "worker", master, "1", "3g"));
    String submit = Submission.ROOT.resolve("submit/spark-submit").toString();
    assertThat(
            start(
                    "synthesize",
                    submit,
                    "synthesize",
                    "--output",
                    "rec",
                    "--size",
                    "32",
                    "--identities",
                    "4",
                    "--images",
                    "12",
                    "--pairs",
                    "20")
                .waitFor())
        .as(read("synthesize"))
        .isZero();
    assertThat(start("prepare", submit, "prepare", "--input", "rec", "--output", "faces").waitFor())
        .as(read("prepare"))
        .isZero();
    Files.writeString(
        folder.resolve("plan.conf"),
        """
        network { image-size = 32, embedding-size = 16, batch-norm-momentum = 0.9 }
        data { batch-size = 8, faces = "%s" }
        stage-defaults.scale = 8
        stages = [{ epochs = 2 }]
        """
            .formatted(folder.resolve("faces")));
    Process train =
        start(
            "train",
            script("train.sh"),
            master,
            "1",
            "train",
            "--conf",
            folder.resolve("plan.conf").toString(),
            "--output",
            folder.resolve("run").toString(),
            "--set",
            "distribute.workers=2",
            "--json");
    assertThat(train.waitFor()).as(read("train")).isZero();
    assertThat(read("train")).contains("worker 1: executor ", "2 workers train epoch 1");
    String result =
        read("train").lines().filter(line -> line.startsWith("{\"end\"")).findFirst().orElseThrow();
    assertThat(new ObjectMapper().readTree(result).get("epochs").asInt()).isEqualTo(2);
  }
}
