package io.sparkface.bench;

import io.sparkface.pipeline.prepare.FaceSetPreparation;
import io.sparkface.pipeline.prepare.StagedOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * MiB of RecordIO per second through prepare, global shuffle included and everything on the disk at
 * the end; the floor is {@code cp} and {@code sync} of the same file, the peer one process that
 * writes a file an image. Spark's start is stated apart, and so is what a job of next to nothing
 * takes: that part is the same whatever the size. Each side is run in turn.
 */
@Command(name = "bench/run prepare", mixinStandardHelpOptions = true, sortOptions = false)
final class PrepareBench implements Callable<Integer> {
  private static final double MIB = 1 << 20;
  private static final long NEXT_TO_NOTHING = 1 << 20;

  /** Prepared before anything is timed, as Java compiles for so long. */
  private static final long WARM = 3L << 30;

  @Option(names = "--size", defaultValue = "1g", description = "of the .rec: 100m, 1g, 3g")
  private String size;

  @Option(names = "--threads", defaultValue = "2", description = "cores")
  private int threads;

  @Option(names = "--repeats", defaultValue = "3", description = "timings, of which the median")
  private int repeats;

  @Option(names = "--dir", defaultValue = "/tmp", description = "where 4 times the size is free")
  private Path directory;

  @Option(names = "--peer-python", description = "a Python for the original's way")
  private Path peerPython;

  @Option(names = "--peer-script", description = "the original's way")
  private Path peerScript;

  public static void main(String[] args) {
    System.exit(new CommandLine(new PrepareBench()).execute(args));
  }

  private long bytes() {
    long unit = size.endsWith("g") ? 1L << 30 : 1L << 20;
    return Math.round(Double.parseDouble(size.replaceAll("[gm]$", "")) * unit);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory(directory, "bench-prepare");
    try {
      BenchPictures pictures = new BenchPictures();
      long images = pictures.write(work.resolve("in"), bytes());
      long fewImages = pictures.write(work.resolve("few"), NEXT_TO_NOTHING);
      Path records = work.resolve("in/train.rec");
      Path few = work.resolve("few/train.rec");
      double mib = Files.size(records) / MIB;
      Bench.sync(records);
      SparkSession[] spark = new SparkSession[1];
      double start = Bench.seconds(() -> spark[0] = Bench.spark(threads));
      double[] ours = new double[repeats];
      double[] floor = new double[repeats];
      double[] fixed = new double[repeats];
      double[] peer = new double[repeats];
      double first = mib / prepared(spark[0], records, work);
      for (long warm = bytes(); warm < WARM; warm += bytes()) {
        prepared(spark[0], records, work);
      }
      for (int i = 0; i < repeats; i++) {
        Path copy = work.resolve("copy");
        floor[i] =
            mib
                / Bench.seconds(
                    () -> {
                      Bench.command("cp", records.toString(), copy.toString());
                      Bench.sync(copy);
                    });
        Files.delete(copy);
        Bench.sync(work);
        ours[i] = mib / prepared(spark[0], records, work);
        if (peerPython != null) {
          peer[i] = peer(records, work.resolve("folders"), mib);
        }
        fixed[i] = prepared(spark[0], few, work);
      }
      double mine = Bench.median(ours);
      double beyond = mib / mine - Bench.median(fixed);
      System.out.printf(
          Locale.ROOT,
          "%d images, %.0f MiB, Spark's start %.1f s, first run, while Java compiles, %.0f MiB/s;"
              + " ours %s floor %s MiB/s; %.0f images/s%n",
          images,
          mib,
          start,
          first,
          Bench.text(ours, "%.0f"),
          Bench.text(floor, "%.0f"),
          mine / mib * images);
      System.out.printf(
          Locale.ROOT,
          "%d images alone %s s; each image beyond them %.1f µs of a core, %.0f MiB/s%n",
          fewImages,
          Bench.text(fixed, "%.2f"),
          1e6 * threads * beyond / (images - fewImages),
          (mib - Files.size(few) / MIB) / beyond);
      String line =
          String.format(
              Locale.ROOT,
              "ours=%.1f floor=%.1f ratio=%.2f",
              mine,
              Bench.median(floor),
              Bench.median(Bench.ratios(ours, floor)));
      if (peerPython != null) {
        System.out.printf("the original's way %s MiB/s%n", Bench.text(peer, "%.0f"));
        line +=
            String.format(
                Locale.ROOT,
                " peer=%.1f peer_ratio=%.2f",
                Bench.median(peer),
                Bench.median(Bench.ratios(ours, peer)));
      }
      System.out.println(line + " peak_mib=" + Memory.peakMebibytes());
      return 0;
    } finally {
      Bench.delete(work);
    }
  }

  /** Seconds. */
  private static double prepared(SparkSession spark, Path records, Path work)
      throws IOException, InterruptedException {
    Path faces = work.resolve("faces");
    double seconds =
        Bench.seconds(
            () -> {
              prepare(spark, records, faces);
              Bench.sync(faces);
            });
    Bench.delete(faces);
    Bench.sync(work);
    return seconds;
  }

  private static void prepare(SparkSession spark, Path records, Path faces) throws IOException {
    new FaceSetPreparation(
            spark,
            new FaceSetPreparation.Options(
                records.toString(), faces.toString(), 1, 0, StagedOutput.Existing.REFUSE))
        .run();
  }

  private double peer(Path records, Path folders, double mib)
      throws IOException, InterruptedException {
    double seconds =
        Bench.seconds(
            () -> {
              String output =
                  Bench.command(
                      peerPython.toString(),
                      peerScript.toString(),
                      records.toString(),
                      folders.toString());
              Matcher rate = Pattern.compile("images_s=").matcher(output);
              if (!rate.find()) {
                throw new IllegalStateException("the peer said:\n" + output);
              }
              Bench.sync(folders);
            });
    Bench.delete(folders);
    Bench.sync(records);
    return mib / seconds;
  }
}
