package io.sparkface.bench;

import io.sparkface.pipeline.evaluate.ijb.Combination;
import io.sparkface.pipeline.evaluate.ijb.FaceRow;
import io.sparkface.pipeline.evaluate.ijb.IjbEvaluation;
import io.sparkface.pipeline.evaluate.ijb.TemplateFeatures;
import io.sparkface.pipeline.evaluate.ijb.TemplatePairs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * IJB-B's 1:1 on random embeddings: templates aggregated by Spark, millions of pairs scored, the
 * ROC of all, and numpy with scikit-learn doing the last two right after. The last line is {@code
 * ours=… peer=… ratio=…} in seconds of scoring and ROC.
 */
final class TemplateVerification {
  private static final int WIDTH = 512;
  private static final int IMAGES = 10;
  private static final int PAIRS = 8_000_000;
  private static final int TEMPLATES = 12_000;
  private static final int GENUINE = 10_270;
  private static final int REPEATS = 3;

  private TemplateVerification() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    SparkConf conf =
        new SparkConf()
            .setMaster("local[2]")
            .setAppName("templates")
            .set("spark.ui.enabled", "false");
    double[] seconds = new double[REPEATS];
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      long start = System.nanoTime();
      TemplateFeatures features = TemplateFeatures.of(faces(spark), Combination.USUAL);
      System.out.printf(
          Locale.ROOT,
          "%d images into %d templates: %.1f s%n",
          TEMPLATES * IMAGES,
          features.size(),
          since(start));
      TemplatePairs pairs = pairs();
      for (int i = 0; i < REPEATS; i++) {
        start = System.nanoTime();
        IjbEvaluation.Verification found =
            IjbEvaluation.Verification.of(
                Combination.USUAL, features.size(), features.scores(pairs), pairs.same());
        seconds[i] = since(start);
        System.out.printf(
            Locale.ROOT, "%d pairs: %.2f s, AUC %.4f%n", found.pairs(), seconds[i], found.auc());
      }
    }
    System.out.println("peak resident " + peak() + " MiB");
    double ours = median(seconds);
    double peer = peer(arguments.length > 0 ? arguments[0] : "python3");
    System.out.printf(Locale.ROOT, "ours=%.2f peer=%.2f ratio=%.2f%n", ours, peer, peer / ours);
  }

  private static JavaRDD<FaceRow> faces(JavaSparkContext spark) {
    List<Integer> templates = IntStream.range(0, TEMPLATES).boxed().toList();
    return spark
        .parallelize(templates, 64)
        .flatMap(
            template -> {
              List<FaceRow> rows = new ArrayList<>();
              for (int i = 0; i < IMAGES; i++) {
                SplittableRandom random = new SplittableRandom(template * 100L + i);
                rows.add(
                    new FaceRow(
                        template, template * IMAGES + i / 2, 0.9f, values(random), values(random)));
              }
              return rows.iterator();
            });
  }

  private static float[] values(SplittableRandom random) {
    float[] values = new float[WIDTH];
    for (int d = 0; d < WIDTH; d++) {
      values[d] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static TemplatePairs pairs() {
    SplittableRandom random = new SplittableRandom(1);
    BitSet same = new BitSet();
    same.set(0, GENUINE);
    return new TemplatePairs(
        random.ints(PAIRS, 0, TEMPLATES).toArray(),
        random.ints(PAIRS, 0, TEMPLATES).toArray(),
        same);
  }

  private static double peer(String python) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                python,
                "-",
                Integer.toString(TEMPLATES),
                Integer.toString(PAIRS),
                Integer.toString(GENUINE))
            .redirectErrorStream(true)
            .start();
    try (InputStream script = TemplateVerification.class.getResourceAsStream("templates_numpy.py");
        var in = process.getOutputStream()) {
      script.transferTo(in);
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(output);
    }
    System.out.print("numpy and scikit-learn:\n" + output);
    Matcher found = Pattern.compile("seconds=([0-9.]+)").matcher(output);
    return median(
        found.results().mapToDouble(result -> Double.parseDouble(result.group(1))).toArray());
  }

  private static String peak() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.toString(Long.parseLong(line.replaceAll("\\D", "")) / 1024);
      }
    }
    return "-";
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
