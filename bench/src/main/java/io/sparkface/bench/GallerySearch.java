package io.sparkface.bench;

import io.sparkface.pipeline.evaluate.Vectors;
import io.sparkface.pipeline.recognize.ExactIndex;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Time of an exact search in a large gallery, for one query and for many at once, beside FAISS'
 * {@code IndexFlatIP} and beside the time to read the gallery once. Prints one line each.
 */
@Command(name = "search")
public final class GallerySearch implements Runnable {
  @Option(names = "--rows")
  private int rows = 1_000_000;

  @Option(names = "--width")
  private int width = 512;

  @Option(names = "--queries", split = ",")
  private int[] queries = {1, 64};

  @Option(names = "--repeats")
  private int repeats = 7;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new GallerySearch()).execute(arguments));
  }

  @Override
  public void run() {
    SplittableRandom random = new SplittableRandom(1);
    try (ExactIndex index = new ExactIndex(width)) {
      while (index.size() < rows) {
        index.add(vectors((int) Math.min(1 << 14, rows - index.size()), random));
      }
      for (int count : queries) {
        float[][] asked = vectors(count, random);
        double[] seconds = new double[repeats];
        index.search(asked, 10);
        for (int i = 0; i < repeats; i++) {
          long start = System.nanoTime();
          index.search(asked, 10);
          seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        System.out.printf(
            Locale.ROOT,
            "ours  %d rows x %d, %d queries: %.1f ms (%.1f to %.1f)%n",
            rows,
            width,
            count,
            1e3 * seconds[repeats / 2],
            1e3 * seconds[0],
            1e3 * seconds[repeats - 1]);
      }
    }
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
}
