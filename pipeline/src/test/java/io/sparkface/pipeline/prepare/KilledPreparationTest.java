package io.sparkface.pipeline.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.pipeline.LocalSpark;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preparation in a JVM of its own that is killed at any moment, and started again. */
@Tag("slow")
class KilledPreparationTest {
  private static final int KILLS = 6;

  @TempDir Path folder;

  /** Prepares a set: the child's main class. */
  static final class Child {
    private Child() {}

    /** Arguments: input, output. */
    public static void main(String[] arguments) throws IOException {
      new FaceSetPreparation(
              LocalSpark.session(),
              new FaceSetPreparation.Options(
                  arguments[0], arguments[1], 1, 0, StagedOutput.Existing.REFUSE))
          .run();
    }
  }

  private Process start(Path input, String output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("-X") || option.startsWith("--add-opens")) {
        command.add(option);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
    command.addAll(List.of(input.toString(), folder.resolve(output).toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(output + ".log").toFile())
        .start();
  }

  @Test
  void losesNothingAndDuplicatesNothing() throws IOException, InterruptedException {
    PreparedFolder prepared = new PreparedFolder(folder);
    Path rec = prepared.drawn("rec", 40, 50);
    long began = System.nanoTime();
    Process whole = start(rec, "whole");
    assertThat(whole.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(whole.exitValue()).as(Files.readString(folder.resolve("whole.log"))).isZero();
    long takes = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int kill = 0; kill < KILLS; kill++) {
      String output = "killed" + kill;
      Process process = start(rec, output);
      // from the middle on, where it reads and writes, to its very end
      process.waitFor(takes / 2 + random.nextInt((int) takes / 2), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      if (Files.exists(folder.resolve(output))) {
        // it was done already: then all of it is there
        assertThat(prepared.set(output).manifest().rows()).isEqualTo(2000);
      } else {
        Process again = start(rec, output);
        assertThat(again.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(again.exitValue())
            .as(Files.readString(folder.resolve(output + ".log")))
            .isZero();
      }
      assertThat(prepared.rows(output))
          .as("seed %d", seed)
          .usingRecursiveFieldByFieldElementComparator()
          .isEqualTo(prepared.rows("whole"));
      assertThat(folder.resolve("." + output + ".staging")).doesNotExist();
    }
  }
}
