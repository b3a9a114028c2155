package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.datasets.faces.EmbeddingFile;
import io.sparkface.datasets.faces.FaceFile;
import io.sparkface.datasets.faces.FaceRecord;
import io.sparkface.datasets.faces.FaceSet;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Jobs whose executors die, or are doubled, write what they write without that: nothing is lost and
 * nothing is there twice.
 */
@Tag("cluster")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultyExecutorsTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir static Path folder;
  private final List<Process> daemons = new ArrayList<>();
  private String master;

  @BeforeAll
  void makeInputs() throws IOException, InterruptedException {
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(path("fault.jar")))) {
      for (String part : List.of("", "$1", "$Witness", "$Fault")) {
        String entry = "io/sparkface/FaultPlugin" + part + ".class";
        jar.putNextEntry(new JarEntry(entry));
        jar.write(FaultPlugin.class.getResourceAsStream("/" + entry).readAllBytes());
      }
    }
    run("synthesize --output rec --size 32 --identities 6 --images 20 --pairs 20");
    run("prepare --input rec --output faces.plain");
    Files.writeString(
        path("plan.conf"),
        """
        network { image-size = 32, embedding-size = 16, batch-norm-momentum = 0.9 }
        data { batch-size = 12, faces = "%s" }
        stages = [{ epochs = 1, scale = 8, sub-centres = 3 }]
        """
            .formatted(path("faces.plain")));
    run("train --conf plan.conf --output run");
    run("drop-topk --model run/model --data faces.plain --output cleaned.plain --angle 60");
    run("distill --model run/model --data faces.plain --output embedded.plain");
    startCluster();
  }

  /** A master and two workers that Spark takes for two machines: it puts twins on another one. */
  private void startCluster() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    master = "spark://127.0.0.1:" + port;
    daemons.add(daemon("127.0.0.1", "master", master));
    daemons.add(daemon("127.0.0.1", "worker", master, "1", "2g"));
    daemons.add(daemon("127.0.0.2", "worker", master, "1", "2g"));
  }

  private Process daemon(String host, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(Submission.ROOT.resolve("submit/standalone/cluster.sh").toString()));
    command.addAll(Arrays.asList(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(path(words[0] + host + ".log").toFile());
    builder.environment().put("SPARK_LOCAL_IP", host);
    builder.environment().put("SPARK_LOCAL_HOSTNAME", host);
    builder.environment().put("WEBUI_PORT", "0");
    builder.environment().put("SPARK_WORKER_DIR", path(host + "-work").toString());
    return builder.start();
  }

  @AfterAll
  void stop() throws InterruptedException {
    for (Process daemon : daemons) {
      daemon.descendants().forEach(ProcessHandle::destroy);
      daemon.destroy();
      daemon.waitFor(20, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest(name = "{0} with an executor {1} after task {2}")
  @CsvSource({
    "prepare, lost, 1",
    "prepare, lost, 2",
    "prepare, lost, 3",
    "prepare, slow, 1",
    "prepare, slow, 2",
    "drop-topk, lost, 1",
    "drop-topk, lost, 2",
    "drop-topk, slow, 1",
    "drop-topk, slow, 2",
    "distill, lost, 1",
    "distill, slow, 1"
  })
  void writesTheSame(String job, String fault, int task) throws IOException, InterruptedException {
    String output = job + "." + fault + task;
    String words =
        switch (job) {
          case "prepare" -> "prepare --input rec";
          case "drop-topk" -> "drop-topk --model run/model --data faces.plain --angle 60";
          default -> "distill --model run/model --data faces.plain";
        };
    String log = run(words + " --output " + output + faulty(fault, task));
    assertThat(happened()).as(log).isTrue();
    if (fault.equals("slow")) {
      assertThat(log).contains("a twin of a task");
    }
    if (job.equals("distill")) {
      assertThat(embeddings(output))
          .hasSize(120)
          .containsExactlyInAnyOrderElementsOf(embeddings("embedded.plain"));
    } else {
      String plain = job.equals("prepare") ? "faces.plain" : "cleaned.plain";
      assertThat(rows(output)).isNotEmpty().containsExactlyInAnyOrderElementsOf(rows(plain));
    }
  }

  private String faulty(String fault, int task) {
    return String.join(
        " --conf ",
        " -- --master " + master + " --jars " + path("fault.jar"),
        "spark.plugins=" + FaultPlugin.class.getName(),
        "spark.test.fault=" + fault,
        "spark.test.task=" + task,
        "spark.driver.host=127.0.0.1",
        "spark.executor.memory=768m",
        "spark.executor.cores=1",
        "spark.ui.enabled=false",
        "spark.speculation=" + fault.equals("slow"),
        "spark.speculation.interval=200ms",
        "spark.speculation.quantile=0.1",
        "spark.speculation.multiplier=1.1",
        "spark.speculation.minTaskRuntime=1s",
        // else a stage of one task has no twins
        "spark.speculation.task.duration.threshold=2s");
  }

  /** Whether an executor's log says so; the log is deleted, for the next job's. */
  private boolean happened() throws IOException {
    boolean found = false;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(name -> name.endsWith("stderr")).toList()) {
        found |= Files.readString(file).contains("' happens");
        Files.delete(file);
      }
    }
    return found;
  }

  private String run(String words) throws IOException, InterruptedException {
    try (Submission job = Submission.start(folder, Map.of(), words.split(" "))) {
      assertThat(job.await()).as(job.err()).isZero();
      return job.err();
    }
  }

  private static Path path(String name) {
    return folder.resolve(name);
  }

  private static org.apache.hadoop.fs.Path hadoop(String name) {
    return new org.apache.hadoop.fs.Path(path(name).toString());
  }

  private List<String> rows(String set) throws IOException {
    FaceSet faces = FaceSet.open(hadoop(set), HADOOP);
    List<String> rows = new ArrayList<>();
    for (String name : faces.files()) {
      try (FaceFile file =
          FaceFile.open(new org.apache.hadoop.fs.Path(hadoop(set), name), HADOOP)) {
        for (int group = 0; group < file.rowGroupCount(); group++) {
          for (FaceRecord row : file.read(group)) {
            rows.add(row.key() + " " + row.identity() + " " + hex(row.image()));
          }
        }
      }
    }
    return rows;
  }

  private static String hex(byte[] image) {
    return HexFormat.of().formatHex(image, 0, Math.min(64, image.length)) + Arrays.hashCode(image);
  }

  private List<String> embeddings(String set) throws IOException {
    List<String> rows = new ArrayList<>();
    try (Stream<Path> files = Files.list(path(set))) {
      for (Path shard : files.filter(name -> name.toString().endsWith(".parquet")).toList()) {
        try (EmbeddingFile file =
            EmbeddingFile.open(new org.apache.hadoop.fs.Path(shard.toString()), HADOOP)) {
          file.read()
              .forEachRemaining(row -> rows.add(row.key() + " " + Arrays.toString(row.values())));
        }
      }
    }
    return rows;
  }
}
