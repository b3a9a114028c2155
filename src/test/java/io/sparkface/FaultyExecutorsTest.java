package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.datasets.Fixtures;
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
import java.util.HashMap;
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
 * Jobs whose executors die, or are doubled, come to what they come to without that: nothing is lost
 * and nothing is there twice.
 */
@Tag("cluster")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultyExecutorsTest {
  private static final Configuration HADOOP = new Configuration();

  /** Words of each, but for where its output goes. */
  private static final Map<String, String> JOBS =
      Map.of(
          "prepare", "prepare --input rec",
          "record", "prepare --input prepare.plain --to rec",
          "drop-topk", "drop-topk --model run/model --data prepare.plain --angle 60",
          "distill", "distill --model run/model --data prepare.plain",
          "evaluate", "evaluate --model run/model --pairs rec/heldout.bin --json");

  @TempDir static Path folder;
  private final List<Process> daemons = new ArrayList<>();
  private final Map<String, String> plain = new HashMap<>();
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
    run(JOBS.get("prepare") + output("prepare", "plain"));
    Files.writeString(
        path("plan.conf"),
        """
        network { image-size = 32, embedding-size = 16, batch-norm-momentum = 0.9 }
        data { batch-size = 12, faces = "%s" }
        stages = [{ epochs = 1, scale = 8, sub-centres = 3 }]
        """
            .formatted(path("prepare.plain")));
    run("train --conf plan.conf --output run");
    for (String job : List.of("record", "drop-topk", "distill", "evaluate")) {
      plain.put(job, run(JOBS.get(job) + output(job, "plain")).out());
    }
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
    "distill, slow, 1",
    "record, lost, 1",
    "record, lost, 2",
    "evaluate, lost, 1"
  })
  void doesTheSame(String job, String fault, int task) throws IOException, InterruptedException {
    String run = fault + task;
    Run faulty = runFaulty(JOBS.get(job) + output(job, run), fault, task);
    if (job.equals("evaluate")) {
      assertThat(faulty.out()).isNotEmpty().isEqualTo(plain.get(job));
      return;
    }
    assertThat(contents(job, job + "." + run))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(contents(job, job + ".plain"));
  }

  @ParameterizedTest(name = "an executor {0} after task {1}")
  @CsvSource({"lost, 1", "lost, 2", "slow, 1"})
  void alignsTheSame(String fault, int task) throws IOException, InterruptedException {
    String words =
        "align --input photos --part-size 3 --detector "
            + Fixtures.path("models/scrfd_500m_kps.onnx")
            + " --output ";
    if (!Files.exists(path("align.plain"))) {
      for (String person : List.of("s1", "s2", "s3")) {
        Path photos = Files.createDirectories(path("photos").resolve(person));
        for (int i = 1; i <= 4; i++) {
          Files.copy(
              Fixtures.path("faces/att_orl/" + person + "/" + i + ".pgm"),
              photos.resolve(i + ".pgm"));
        }
      }
      run(words + "align.plain");
    }
    runFaulty(words + "align." + fault + task, fault, task);
    assertThat(files("align." + fault + task))
        .hasSize(12)
        .containsExactlyInAnyOrderElementsOf(files("align.plain"));
  }

  private Run runFaulty(String words, String fault, int task)
      throws IOException, InterruptedException {
    Run faulty = run(words + faulty(fault, task));
    assertThat(happened()).as(faulty.err()).isTrue();
    if (fault.equals("slow")) {
      assertThat(faulty.err()).contains("a twin of a task");
    }
    return faulty;
  }

  private static String output(String job, String run) {
    return job.equals("evaluate") ? "" : " --output " + job + "." + run;
  }

  private List<String> contents(String job, String output) throws IOException {
    return switch (job) {
      case "prepare", "drop-topk" -> rows(output);
      case "distill" -> embeddings(output);
      default -> files(output);
    };
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

  /** What a job printed, and its log. */
  private record Run(String out, String err) {}

  private static Run run(String words) throws IOException, InterruptedException {
    try (Submission job = Submission.start(folder, Map.of(), words.split(" "))) {
      assertThat(job.await()).as(job.err()).isZero();
      return new Run(job.out(), job.err());
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

  /** Records and pictures; what lies beside them tells of the run. */
  private static List<String> files(String output) throws IOException {
    try (Stream<Path> files = Files.walk(path(output))) {
      List<String> found = new ArrayList<>();
      for (Path file :
          files.filter(name -> name.toString().matches(".*\\.(rec|idx|jpg)")).toList()) {
        found.add(path(output).relativize(file) + " " + Arrays.hashCode(Files.readAllBytes(file)));
      }
      return found;
    }
  }
}
