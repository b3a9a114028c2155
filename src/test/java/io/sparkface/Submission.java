package io.sparkface;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A job started by {@code submit/spark-submit}, in JVMs of its own. */
final class Submission implements AutoCloseable {
  static final Path ROOT = Path.of(System.getProperty("sparkface.root"));

  private final Process process;
  private final Path out;
  private final Path err;

  private Submission(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts a job, in {@code folder}, with its output beside it. */
  static Submission start(Path folder, Map<String, String> environment, String... words)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ROOT.resolve("submit/spark-submit").toString());
    command.addAll(Arrays.asList(words));
    Path out = Files.createTempFile(folder, words[0], ".out");
    Path err = Files.createTempFile(folder, words[0], ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("SPARKFACE_DRIVER_MEMORY", "1g");
    builder.environment().putAll(environment);
    return new Submission(builder.start(), out, err);
  }

  /** Waits for the end and returns the exit status. */
  int await() throws IOException, InterruptedException {
    if (!process.waitFor(20, TimeUnit.MINUTES)) {
      throw new IllegalStateException("no end after 20 minutes: " + err());
    }
    return process.exitValue();
  }

  /** Waits until the log holds {@code text}. */
  void awaitLog(String text) throws IOException, InterruptedException {
    for (int i = 0; i < 1200; i++) {
      if (err().contains(text)) {
        return;
      }
      if (!process.isAlive()) {
        throw new IllegalStateException("ended without '" + text + "': " + err());
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("no '" + text + "' after 2 minutes: " + err());
  }

  /** The JVMs of its executors, as long as they are children of the driver's. */
  List<ProcessHandle> executors() {
    return process
        .descendants()
        .filter(
            child ->
                Arrays.stream(child.info().arguments().orElse(new String[0]))
                    .anyMatch(word -> word.contains("CoarseGrainedExecutorBackend")))
        .toList();
  }

  /** Ends the driver and its executors as a power failure would. */
  void kill() throws InterruptedException {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroyForcibly().waitFor();
    all.forEach(ProcessHandle::destroyForcibly);
  }

  String out() throws IOException {
    return Files.readString(out);
  }

  String err() throws IOException {
    return Files.readString(err);
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
