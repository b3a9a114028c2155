package io.sparkface.bench;

import io.sparkface.pipeline.evaluate.Vectors;
import io.sparkface.pipeline.recognize.ExactIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Time of an exact search in a large gallery, for one query and for many at once, beside FAISS'
 * {@code IndexFlatIP} and beside the time to read as many bytes once, below which no search of one
 * query can come. Medians of several repeats.
 */
@Command(name = "search")
public final class GallerySearch implements Callable<Integer> {
  private static final int MOST = 10;
  private static final int FLOATS = 1 << 28;

  @Option(names = "--rows")
  private int rows = 1_000_000;

  @Option(names = "--width")
  private int width = 512;

  @Option(names = "--queries", split = ",")
  private int[] queries = {1, 64};

  @Option(names = "--repeats")
  private int repeats = 7;

  @Option(names = "--threads")
  private int threads = 2;

  @Option(names = "--peer-python")
  private Path python;

  @Option(names = "--peer-script")
  private Path script;

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new GallerySearch()).setOverwrittenOptionsAllowed(true).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    double[] ours = ours();
    double floor = 4.0 * rows * width / bytesASecond();
    double[] peer = python == null ? new double[queries.length] : peer();
    for (int i = 0; i < queries.length; i++) {
      System.out.printf(
          Locale.ROOT,
          "%d rows x %d, %d queries: ours=%.1f ms peer=%.1f ms ratio=%.2f floor=%.1f ms%n",
          rows,
          width,
          queries[i],
          1e3 * ours[i],
          1e3 * peer[i],
          peer[i] / ours[i],
          1e3 * floor);
    }
    return 0;
  }

  private double[] ours() throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(1);
    double[] medians = new double[queries.length];
    try (ExactIndex index = new ExactIndex(width)) {
      while (index.size() < rows) {
        index.add(vectors((int) Math.min(1 << 14, rows - index.size()), random));
      }
      for (int i = 0; i < queries.length; i++) {
        float[][] asked = vectors(queries[i], random);
        index.search(asked, MOST);
        double[] seconds = new double[repeats];
        for (int r = 0; r < repeats; r++) {
          seconds[r] = Bench.seconds(() -> index.search(asked, MOST));
        }
        System.out.println("ours, " + queries[i] + " queries: " + Bench.text(seconds, "%.4f"));
        medians[i] = Bench.median(seconds);
      }
    }
    return medians;
  }

  private float[][] vectors(int count, SplittableRandom random) {
    float[][] all = new float[count][width];
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < width; d++) {
        all[i][d] = (float) (random.nextDouble() - 0.5);
      }
      all[i] = Vectors.normalised(all[i]);
    }
    return all;
  }

  /** What all threads together read from memory: OpenBLAS' sum of an array no cache holds. */
  private double bytesASecond() {
    double[] seconds = new double[repeats];
    float sum = 0;
    try (FloatPointer values = new FloatPointer(FLOATS)) {
      for (long i = 0; i < FLOATS; i++) {
        values.put(i, 1);
      }
      for (int r = 0; r < repeats; r++) {
        long start = System.nanoTime();
        sum += openblas_nolapack.cblas_sasum(FLOATS, values, 1);
        seconds[r] = (System.nanoTime() - start) / 1e9;
      }
    }
    double rate = 4.0 * FLOATS / Bench.median(seconds);
    System.out.printf(Locale.ROOT, "memory: %.1f GB/s are read (checked: %.0f)%n", rate / 1e9, sum);
    return rate;
  }

  private double[] peer() throws IOException, InterruptedException {
    String counts =
        IntStream.of(queries).mapToObj(Integer::toString).collect(Collectors.joining(","));
    String said =
        Bench.command(
            python.toString(),
            script.toString(),
            Integer.toString(rows),
            Integer.toString(width),
            Integer.toString(threads),
            counts);
    System.out.print(said);
    Matcher line = Pattern.compile("queries: ([0-9.]+) ms").matcher(said);
    double[] medians = new double[queries.length];
    for (int i = 0; i < medians.length && line.find(); i++) {
      medians[i] = Double.parseDouble(line.group(1)) / 1e3;
    }
    return medians;
  }
}
