package io.sparkface.bench;

import io.sparkface.datasets.faces.FaceSetManifest;
import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** What the benches of whole jobs have in common. */
final class Bench {
  private Bench() {}

  /** Something to be timed. */
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  static double seconds(Work work) throws IOException, InterruptedException {
    long started = System.nanoTime();
    work.run();
    return (System.nanoTime() - started) / 1e9;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Of each pair of timings, which were made in the same seconds. */
  static double[] ratios(double[] ours, double[] floor) {
    return IntStream.range(0, ours.length).mapToDouble(i -> ours[i] / floor[i]).toArray();
  }

  static String text(double[] values, String format) {
    return Arrays.stream(values)
        .mapToObj(value -> String.format(Locale.ROOT, format, value))
        .toList()
        .toString();
  }

  /** Runs a command and returns what it prints. */
  static String command(String... words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", words) + " said:\n" + output);
    }
    return output;
  }

  /** Brings everything under a path to the disk. */
  static void sync(Path path) throws IOException, InterruptedException {
    command("sync", "-f", path.toString());
  }

  static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              one -> {
                try {
                  Files.delete(one);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  /** Spark in this JVM with so many cores, and the settings that the jobs have. */
  static SparkSession spark(int cores) {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master("local[" + cores + "]")
            .appName("bench")
            .config("spark.ui.enabled", "false");
    FaceSetPreparation.SPARK_SETTINGS.forEach(builder::config);
    return builder.getOrCreate();
  }

  /** Draws a {@code .rec} of {@code size} ("30m") and prepares it as {@code work/faces}. */
  static FaceSetManifest faces(SparkSession spark, BenchPictures pictures, Path work, String size)
      throws IOException {
    pictures.write(work.resolve("in"), Long.parseLong(size.replaceAll("m$", "")) << 20);
    return new FaceSetPreparation(
            spark,
            new FaceSetPreparation.Options(
                work.resolve("in/train.rec").toString(),
                work.resolve("faces").toString(),
                1,
                0,
                StagedOutput.Existing.REFUSE))
        .run();
  }
}
