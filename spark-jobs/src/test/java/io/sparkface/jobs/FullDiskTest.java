package io.sparkface.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkface.datasets.faces.FaceSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs on a file system of 4 MiB, which the test mounts where it may. */
@Tag("cluster")
class FullDiskTest {
  @TempDir Path folder;

  private Path disk;

  @BeforeEach
  void mount() throws IOException, InterruptedException {
    disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()) == 0,
        "skipped: only root may mount a small file system");
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    // lazily: streams of the task that failed are open as long as this JVM lives
    run("umount", "-l", disk.toString());
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  private record Outcome(int status, String errors) {}

  private static Outcome job(String... words) {
    PrintStream before = System.err;
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      return new Outcome(Main.run(words), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }

  private static Outcome synthesize(Path output, int identities) {
    return job(
        "synthesize",
        "--output",
        output.toString(),
        "--size",
        "112",
        "--identities",
        Integer.toString(identities),
        "--images",
        "20",
        "--pairs",
        "20");
  }

  private static Outcome prepare(Path input, Path output) {
    return job(
        "prepare", "--input", input.toString(), "--output", output.toString(), "--overwrite");
  }

  @Test
  void theOutputIsNamedAndTheOldOneStays() {
    Path faces = disk.resolve("faces");
    assertThat(synthesize(folder.resolve("few"), 5).status()).isZero();
    assertThat(synthesize(folder.resolve("many"), 100).status()).isZero();
    assertThat(prepare(folder.resolve("few"), faces).status()).isZero();

    Outcome full = prepare(folder.resolve("many"), faces);

    assertThat(full.status()).as(full.errors()).isEqualTo(2);
    assertThat(full.errors()).contains("error: the disk is full", faces.toString());
    FaceSet set =
        FaceSet.open(new org.apache.hadoop.fs.Path(faces.toString()), new Configuration());
    assertThat(set.manifest().rows()).isEqualTo(100);
  }
}
