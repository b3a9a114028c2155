package io.sparkface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code submit/slurm/train.sbatch} under a Slurm of one node that the test starts itself. Needs
 * Debian's packages slurm-wlm and munge, and root.
 */
@Tag("cluster")
class SlurmTest {
  @TempDir Path folder;
  private final List<Process> daemons = new ArrayList<>();

  @BeforeEach
  void start() throws IOException, InterruptedException {
    assumeTrue(
        Stream.of("sbatch", "scontrol", "slurmctld", "slurmd", "munged").allMatch(this::installed),
        "skipped: Slurm (slurm-wlm, munge) is not on this machine");
    assumeTrue("root".equals(System.getProperty("user.name")), "skipped: slurmd runs as root only");
    String host = InetAddress.getLocalHost().getHostName();
    byte[] key = new byte[128];
    new SecureRandom().nextBytes(key);
    Files.write(folder.resolve("munge.key"), key);
    Files.setPosixFilePermissions(
        folder.resolve("munge.key"), PosixFilePermissions.fromString("r--------"));
    Files.createDirectory(folder.resolve("state"));
    Files.createDirectory(folder.resolve("spool"));
    Files.writeString(
        folder.resolve("slurm.conf"),
        """
        ClusterName=test
        SlurmctldHost=%1$s
        SlurmUser=root
        SlurmdUser=root
        AuthType=auth/munge
        AuthInfo=socket=%2$s/munge.socket
        StateSaveLocation=%2$s/state
        SlurmdSpoolDir=%2$s/spool
        SlurmctldPort=%3$d
        SlurmdPort=%4$d
        SlurmctldPidFile=%2$s/slurmctld.pid
        SlurmdPidFile=%2$s/slurmd.pid
        ProctrackType=proctrack/linuxproc
        TaskPlugin=task/none
        SelectType=select/cons_tres
        SelectTypeParameters=CR_Core_Memory
        JobRequeue=1
        ReturnToService=2
        MpiDefault=none
        NodeName=%1$s CPUs=2 RealMemory=8000 State=UNKNOWN
        PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
        """
            .formatted(host, folder, freePort(), freePort()));
    daemons.add(
        process(
                "munged",
                "munged",
                "--foreground",
                "--force",
                "--socket=" + folder.resolve("munge.socket"),
                "--key-file=" + folder.resolve("munge.key"),
                "--pid-file=" + folder.resolve("munged.pid"),
                "--seed-file=" + folder.resolve("munged.seed"))
            .start());
    for (int i = 0; i < 100 && !Files.exists(folder.resolve("munge.socket")); i++) {
      Thread.sleep(100);
    }
    daemons.add(process("slurmctld", "slurmctld", "-D").start());
    daemons.add(process("slurmd", "slurmd", "-D").start());
    for (int i = 0; i < 300 && !run("sinfo", "-h", "-o", "%t").contains("idle"); i++) {
      Thread.sleep(100);
    }
    assertThat(run("sinfo", "-h", "-o", "%t")).contains("idle");
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (int i = daemons.size() - 1; i >= 0; i--) {
      daemons.get(i).descendants().forEach(ProcessHandle::destroy);
      daemons.get(i).destroy();
      daemons.get(i).waitFor(20, TimeUnit.SECONDS);
    }
  }

  private boolean installed(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private ProcessBuilder process(String log, String... command) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(log + ".log").toFile());
    builder.environment().put("SLURM_CONF", folder.resolve("slurm.conf").toString());
    builder.environment().put("SPARKFACE_HOME", Submission.ROOT.toString());
    builder.environment().put("SPARKFACE_SCRATCH", folder.toString());
    builder.environment().put("SPARKFACE_DRIVER_MEMORY", "1g");
    builder.environment().put("HEAP", "768m");
    builder.environment().put("OFFHEAP", "1g");
    return builder;
  }

  private String run(String... command) throws IOException, InterruptedException {
    String name = Path.of(command[0]).getFileName().toString();
    assertThat(process(name, command).start().waitFor(5, TimeUnit.MINUTES)).isTrue();
    return Files.readString(folder.resolve(name + ".log"));
  }

  private void prepare() throws IOException, InterruptedException {
    String submit = Submission.ROOT.resolve("submit/spark-submit").toString();
    String drawn =
        run(
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
            "20");
    assertThat(Files.exists(folder.resolve("rec/train.rec"))).as(drawn).isTrue();
    String prepared = run(submit, "prepare", "--input", "rec", "--output", "faces");
    assertThat(Files.exists(folder.resolve("faces/_SUCCESS"))).as(prepared).isTrue();
  }

  private String submit(String epochs) throws IOException, InterruptedException {
    Files.writeString(
        folder.resolve("plan.conf"),
        """
        network { image-size = 32, embedding-size = 16, batch-norm-momentum = 0.9 }
        data { batch-size = 8, faces = "%s" }
        checkpoint.every-steps = 3
        stage-defaults.scale = 8
        stages = [{ epochs = %s }]
        """
            .formatted(folder.resolve("faces"), epochs));
    String said =
        run(
            "sbatch",
            "--parsable",
            "--nodes=1",
            "--cpus-per-task=1",
            "--mem=5500M",
            "--output=" + folder.resolve("job.out"),
            Submission.ROOT.resolve("submit/slurm/train.sbatch").toString(),
            "train",
            "--conf",
            folder.resolve("plan.conf").toString(),
            "--output",
            folder.resolve("run").toString(),
            "--json");
    assertThat(said.strip()).as(said).matches("\\d+");
    return said.strip();
  }

  /** Waits until the job has come to a state; Slurm begins a requeued one after two minutes. */
  private String await(String job, String state) throws IOException, InterruptedException {
    for (int i = 0; i < 1200; i++) {
      String shown = run("scontrol", "show", "job", job);
      if (shown.contains("JobState=" + state)) {
        return shown;
      }
      assertThat(shown).as(output()).doesNotContain("JobState=FAILED", "JobState=CANCELLED");
      Thread.sleep(500);
    }
    throw new AssertionError("job " + job + " did not become " + state + ": " + output());
  }

  private String output() throws IOException {
    Path out = folder.resolve("job.out");
    return Files.exists(out) ? Files.readString(out) : "";
  }

  @Test
  void trainsInsideAnAllocation() throws IOException, InterruptedException {
    prepare();
    assertThat(await(submit("2"), "COMPLETED")).contains("ExitCode=0:0");
    assertThat(output()).contains("\"end\":\"FINISHED\"", "worker 0: executor ");
    assertThat(folder.resolve("run/model/checksums.json")).exists();
  }

  @Test
  void aJobAtItsTimeLimitQueuesItselfAgainAndGoesOn() throws IOException, InterruptedException {
    prepare();
    String job = submit("12");
    for (int i = 0; i < 600 && !output().contains("epoch 2/12"); i++) {
      Thread.sleep(200);
    }
    assertThat(output()).contains("epoch 2/12");
    // what Slurm sends before the limit
    run("scancel", "--signal=USR1", "--batch", job);
    String shown = await(job, "COMPLETED");
    assertThat(shown).contains("Restarts=1", "ExitCode=0:0");
    assertThat(output()).contains("\"end\":\"FINISHED\",\"epochs\":12");
  }
}
