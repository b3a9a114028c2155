package io.sparkface.pipeline.evaluate.folder;

import io.sparkface.base.UserError;
import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.Roc;
import io.sparkface.pipeline.evaluate.RocCurve;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Every picture against every person's prototype, the normalised sum of the person's embeddings
 * (spec 7.2).
 *
 * @param images pictures
 * @param people people
 * @param withProbe with the picture itself in its person's prototype, as the original does: too
 *     good
 * @param withoutProbe with the picture taken out of it; people with one picture take part as others
 *     only
 */
public record PrototypeEvaluation(int images, int people, Figures withProbe, Figures withoutProbe) {
  /** Scores held at once: 4 bytes each, and 16 more while they are sorted. */
  private static final long MOST_SCORES = 1L << 26;

  /**
   * What one kind of prototype gives.
   *
   * @param probes pictures that have a prototype of their own
   * @param top1 share of them nearest to it; NaN without probes
   * @param auc of all picture and prototype pairs
   * @param tarAtFar by "1e-6" to "1e-1"; see {@link Roc#tarAt}
   * @param roc thinned for plots
   */
  public record Figures(
      int probes, double top1, double auc, Map<String, Double> tarAtFar, RocCurve roc) {

    /** For the report. */
    public EvaluationResult kept(String model, String set, String variant, String made) {
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("probes", (double) probes);
      figures.put("top 1", top1);
      tarAtFar.forEach((far, tar) -> figures.put("tar@" + far, tar));
      figures.put("auc", auc);
      return new EvaluationResult(
          EvaluationResult.FORMAT,
          EvaluationResult.Protocol.FOLDER,
          model,
          set,
          variant,
          made,
          figures,
          roc,
          null,
          null,
          List.of());
    }
  }

  static PrototypeEvaluation of(Gallery gallery) {
    long scores = (long) gallery.size() * gallery.people().size();
    if (scores > MOST_SCORES) {
      throw new UserError(
          gallery.size() + " pictures against " + gallery.people().size() + " people are too many",
          "--data",
          "evaluate on fewer people; up to " + MOST_SCORES + " comparisons fit");
    }
    return new PrototypeEvaluation(
        gallery.size(),
        gallery.people().size(),
        figures(gallery, Probe.INCLUDED),
        figures(gallery, Probe.LEFT_OUT));
  }

  private enum Probe {
    INCLUDED,
    LEFT_OUT
  }

  private static Figures figures(Gallery gallery, Probe probe) {
    double[][] sums = gallery.sums();
    int[] counts = gallery.counts();
    int people = counts.length;
    int[] probes =
        IntStream.range(0, gallery.size())
            .filter(i -> probe == Probe.INCLUDED || counts[gallery.person()[i]] > 1)
            .toArray();
    double[] norms = new double[people];
    for (int p = 0; p < people; p++) {
      norms[p] = norm(sums[p]);
    }
    float[] scores = new float[probes.length * people];
    BitSet genuine = new BitSet();
    for (int i = 0; i < probes.length; i++) {
      genuine.set(i * people + gallery.person()[probes[i]]);
    }
    long right =
        IntStream.range(0, probes.length)
            .parallel()
            .filter(
                i -> {
                  float[] picture = gallery.embeddings()[probes[i]];
                  int own = gallery.person()[probes[i]];
                  for (int p = 0; p < people; p++) {
                    scores[i * people + p] =
                        p == own && probe == Probe.LEFT_OUT
                            ? withoutItself(picture, sums[p])
                            : (float) (dot(picture, sums[p]) / norms[p]);
                  }
                  return nearest(scores, i * people, people) == own;
                })
            .count();
    Roc roc = Roc.of(scores, genuine);
    return new Figures(
        probes.length, (double) right / probes.length, roc.auc(), roc.tarAtRates(), roc.curve());
  }

  private static float withoutItself(float[] picture, double[] sum) {
    double product = 0;
    double square = 0;
    for (int d = 0; d < sum.length; d++) {
      double rest = sum[d] - picture[d];
      product += picture[d] * rest;
      square += rest * rest;
    }
    return square == 0 ? 0 : (float) (product / Math.sqrt(square));
  }

  /** The first of the highest scores. */
  private static int nearest(float[] scores, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (scores[from + i] > scores[from + best]) {
        best = i;
      }
    }
    return best;
  }

  private static double dot(float[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }

  /** 1 for a sum of nothing, so that its cosine is 0. */
  private static double norm(double[] values) {
    double square = 0;
    for (double value : values) {
      square += value * value;
    }
    return square == 0 ? 1 : Math.sqrt(square);
  }
}
