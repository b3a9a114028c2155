package io.sparkface.pipeline.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkface.pipeline.plan.PlanFile;
import java.io.File;
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
import org.nd4j.linalg.api.ndarray.INDArray;

/** A run in a JVM of its own that is killed while it trains, and started again. */
@Tag("slow")
class KilledRunTest {
  private static final String PLAN =
      """
      network { image-size = 32, embedding-size = 16, batch-norm-momentum = 0.9, dropout = 0.2 }
      data { batch-size = 8, faces = "%s" }
      optimiser.learning-rate = 0.05
      stage-defaults.scale = 8
      stages = [{ epochs = 6, sub-centres = 2 }, { epochs = 6 }]
      checkpoint.every-steps = 3
      """;

  @TempDir Path folder;

  /** Trains a plan: the child's main class. */
  static final class Child {
    private Child() {}

    /** Arguments: plan, output. */
    public static void main(String[] arguments) throws IOException {
      new TrainingRun(
              PlanFile.load(arguments[0], List.of(), SmallFaces.HADOOP).plan(),
              arguments[1],
              SmallFaces.HADOOP)
          .run();
    }
  }

  private Process start(String output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("-X") || option.startsWith("--add-opens")) {
        command.add(option);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
    command.addAll(List.of(folder.resolve("plan.conf").toString(), output(output)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(output + ".log").toFile())
        .start();
  }

  private String output(String name) {
    return folder.resolve(name).toString();
  }

  private void toTheEnd(String output) throws IOException, InterruptedException {
    Process process = start(output);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve(output + ".log"))).isZero();
  }

  private long newest(String output) {
    File[] found = folder.resolve(output).resolve("checkpoints").toFile().listFiles();
    long newest = 0;
    for (File file : found == null ? new File[0] : found) {
      if (file.getName().startsWith("step-")) {
        newest = Math.max(newest, Long.parseLong(file.getName().substring(5)));
      }
    }
    return newest;
  }

  /** Starts the run and waits for its next checkpoint and a moment more. */
  private Process running(String output, Random random) throws IOException, InterruptedException {
    long before = newest(output);
    Process process = start(output);
    while (newest(output) == before && process.isAlive()) {
      Thread.sleep(5);
    }
    Thread.sleep(random.nextInt(700));
    return process;
  }

  @Test
  void endsWithTheSameWeightsBitByBit() throws IOException, InterruptedException {
    SmallFaces.drawnIn(folder);
    Files.writeString(folder.resolve("plan.conf"), PLAN.formatted(folder.resolve("faces")));
    toTheEnd("whole");
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int kill = 0; kill < 3; kill++) {
      running("killed", random).destroyForcibly().waitFor();
    }
    Process terminated = running("killed", random);
    terminated.destroy();
    terminated.waitFor();
    assertThat(Files.readString(folder.resolve("killed.log"))).contains("asked to end");
    toTheEnd("killed");
    var whole = SmallFaces.weights(output("whole") + "/model");
    var killed = SmallFaces.weights(output("killed") + "/model");
    assertThat(killed.keySet()).isEqualTo(whole.keySet());
    for (var entry : whole.entrySet()) {
      INDArray value = killed.get(entry.getKey());
      assertThat(value.reshape(-1).toFloatVector())
          .as("seed %d: %s", seed, entry.getKey())
          .isEqualTo(entry.getValue().reshape(-1).toFloatVector());
    }
    assertThat(Files.readString(folder.resolve("killed/history.json")))
        .isEqualTo(Files.readString(folder.resolve("whole/history.json")));
  }
}
