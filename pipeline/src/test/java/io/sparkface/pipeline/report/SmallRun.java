package io.sparkface.pipeline.report;

import io.sparkface.datasets.images.ImageEncoder;
import io.sparkface.datasets.images.RgbImage;
import io.sparkface.datasets.verification.FacePair;
import io.sparkface.pipeline.evaluate.ConfusionExample;
import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.PairSet;
import io.sparkface.pipeline.evaluate.Verification;
import io.sparkface.pipeline.evaluate.ijb.Combination;
import io.sparkface.pipeline.evaluate.ijb.Identification;
import io.sparkface.pipeline.evaluate.ijb.IjbEvaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import org.apache.hadoop.conf.Configuration;

/** What a run of two stages with two pair sets leaves, made up, and a cleaned set. */
public final class SmallRun {
  public static final Configuration HADOOP = new Configuration();
  private static final int EPOCHS = 8;
  private static final int STEPS = 50;

  private SmallRun() {}

  /** A run in {@code directory} whose accuracies end near {@code best}. */
  public static void write(Path directory, double best, long seed) throws IOException {
    Random random = new Random(seed);
    StringJoiner loss = new StringJoiner(",");
    StringJoiner accuracy = new StringJoiner(",");
    StringJoiner rate = new StringJoiner(",");
    List<StringJoiner> sets = List.of(new StringJoiner(","), new StringJoiner(","));
    StringBuilder log = new StringBuilder();
    for (int e = 0; e < EPOCHS; e++) {
      for (int s = 10; s <= STEPS; s += 10) {
        double at = 22 * Math.exp(-(e * STEPS + s) / 150.0) + 4 + random.nextDouble();
        log.append(line("step", e * STEPS + s, "\"loss\":" + at));
      }
      double done = 1 - Math.exp(-(e + 1) / 2.5);
      loss.add("" + (22 * (1 - done) + 4));
      accuracy.add("" + done * 0.9);
      rate.add("" + (e < 4 ? 0.1 : 0.01));
      StringJoiner scores = new StringJoiner(",");
      for (int i = 0; i < 2; i++) {
        double score = 0.5 + (best - 0.05 * i - 0.5) * done + 0.004 * random.nextGaussian();
        String text = String.format(Locale.ROOT, "%.6f", score);
        sets.get(i).add(text);
        scores.add("\"" + (i == 0 ? "agedb_30" : "lfw") + "\":" + text);
      }
      int step = (e + 1) * STEPS;
      log.append(line("evaluation", step, scores.toString()));
      log.append(
          line(
              "epoch",
              step,
              "\"stage\":" + (e < 4 ? 0 : 1) + ",\"images_per_second\":" + (40 + e % 3)));
    }
    Files.createDirectories(directory.resolve("logs"));
    Files.writeString(
        directory.resolve("history.json"),
        """
        {"lr":[%s],"loss":[%s],"accuracy":[%s],"agedb_30":[%s],"agedb_30_thresh":[%s],
         "lfw":[%s],"lfw_thresh":[%s]}\
        """
            .formatted(rate, loss, accuracy, sets.get(0), rate, sets.get(1), rate));
    // the last line is being written
    Files.writeString(
        directory.resolve("logs/events-0000000000.jsonl"), log + "{\"time\":\"2026-01-");
    Files.createDirectories(directory.resolve("best"));
    Files.writeString(
        directory.resolve("best/model.json"),
        """
        {"format":1,"network":{"backbone":"mobilefacenet"},"classes":128,"subCentres":3,
         "margin":"ArcfaceLoss","trainedOn":{"faces":"%s","rows":"2557"}}\
        """
            .formatted(directory.resolveSibling("faces-clean")));
    result(best, random).write(directory.resolve("evaluations/best").toString(), HADOOP);
  }

  private static String line(String event, int step, String values) {
    return "{\"time\":\"2026-01-01T00:00:00Z\",\"event\":\"%s\",\"step\":%d,%s}\n"
        .formatted(event, step, values);
  }

  private static EvaluationResult result(double best, Random random) {
    List<FacePair> pairs = new ArrayList<>();
    double[] cosines = new double[600];
    for (int i = 0; i < cosines.length; i++) {
      boolean same = i / 30 % 2 == 0;
      pairs.add(new FacePair(i, face(random), face(random), same));
      cosines[i] =
          Math.max(-1, Math.min(1, (same ? best - 0.4 : 0.05) + 0.14 * random.nextGaussian()));
    }
    PairSet set = new PairSet("lfw", pairs);
    return EvaluationResult.ofPairs(
            "run/best", set, cosines, Verification.of(cosines, set.same()), "2026-01-01T00:00:00Z")
        .withExamples(ConfusionExample.of(set, cosines, 2));
  }

  private static byte[] face(Random random) {
    byte[] rgb = new byte[3 * 4 * 4];
    random.nextBytes(rgb);
    return ImageEncoder.jpeg(new RgbImage(4, 4, rgb), 0.9);
  }

  /** A set without 30 of 100 images, whose first identity has a name that is no HTML. */
  public static void writeCleaned(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("manifest.json"), "{\"options\":{\"angle\":\"75.0\"}}");
    Files.writeString(
        directory.resolve("identities.jsonl"),
        """
        {"identity":"<script>alert(1)</script>","images":60,"kept":35}
        {"identity":"Ann","images":35,"kept":35}
        {"identity":"Bob","images":5,"kept":0}
        """);
    StringBuilder dropped = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      dropped.append("{\"key\":%d,\"degrees\":%.1f}\n".formatted(i, 75.5 + i * i / 30.0));
    }
    Files.writeString(directory.resolve("dropped-00000.jsonl"), dropped);
  }

  /** IJB by all combinations, and a search. */
  public static void writeIjb(Path directory) throws IOException {
    Random random = new Random(5);
    for (Combination combination : Combination.all()) {
      float[] scores = new float[3000];
      BitSet same = new BitSet();
      for (int i = 0; i < scores.length; i++) {
        same.set(i, i % 10 == 0);
        scores[i] = (float) ((i % 10 == 0 ? 0.5 : 0.1) + 0.1 * random.nextGaussian());
      }
      IjbEvaluation.Verification.of(combination, 90, scores, same)
          .kept("run/best", "IJBB", combination.name(Combination.Convention.KERAS), "2026-01-01")
          .write(directory.toString(), HADOOP);
    }
    double[] cmc = new double[20];
    Arrays.fill(cmc, 0.9);
    double[] far = {1e-4, 1e-2, 1};
    new Identification(List.of(), cmc, far, new double[] {0.6, 0.7, 0.9}, Map.of())
        .kept("run/best", "IJBB 1N", "2026-01-01")
        .write(directory.toString(), HADOOP);
  }
}
