package io.sparkface.pipeline.evaluate.ijb;

import io.sparkface.pipeline.evaluate.EvaluationResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Search of probes in galleries (spec 7.4). A probe whose subject is in a gallery is mated there.
 * Its rank is 1 + the number of other subjects' entries that are as near or nearer; it is found at
 * a false accept rate when its rank is 1 and its similarity exceeds the threshold that share of the
 * non-mated probes reaches.
 *
 * @param galleries each gallery's figures
 * @param cmc share of mated probes, of all galleries together, with rank ≤ 1, 2, … {@value #RANKS}
 * @param far false accept rates 1e-4 to 1
 * @param dir mean over the galleries of the detection and identification rate at those; NaN where a
 *     gallery has no mated or no non-mated probe
 * @param dirAtFar the same at "1e-4" to "1"
 */
public record Identification(
    List<Gallery> galleries,
    double[] cmc,
    double[] far,
    double[] dir,
    Map<String, Double> dirAtFar) {
  static final int RANKS = 20;
  private static final int BLOCK = 2048;
  private static final double[] RATES = rates();

  /**
   * One gallery.
   *
   * @param entries templates in it
   * @param mated probes whose subject is in it
   * @param top1 share of mated probes of rank 1
   * @param top5 of rank 5 or better
   * @param top10 of rank 10 or better
   */
  public record Gallery(
      int entries, int mated, int nonMated, double top1, double top5, double top10) {}

  /** For the report. */
  public EvaluationResult kept(String model, String set, String made) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (int g = 0; g < galleries.size(); g++) {
      figures.put("gallery " + (g + 1) + " rank 1", galleries.get(g).top1());
    }
    figures.put("rank 1", cmc[0]);
    figures.put("rank 5", cmc[4]);
    figures.put("rank 10", cmc[9]);
    dirAtFar.forEach((rate, found) -> figures.put("dir@" + rate, found));
    return new EvaluationResult(
        EvaluationResult.FORMAT,
        EvaluationResult.Protocol.IJB_IDENTIFICATION,
        model,
        set,
        null,
        made,
        figures,
        null,
        null,
        new EvaluationResult.IdentificationRates(cmc, far, dir),
        List.of());
  }

  private static double[] rates() {
    double[] rates = new double[101];
    for (int i = 0; i < 100; i++) {
      rates[i] = Math.pow(10, -4 + 4 * i / 100.0);
    }
    rates[100] = 1;
    return rates;
  }

  static Identification of(
      TemplateFeatures features, List<TemplateSubjects> galleries, TemplateSubjects probes) {
    List<Gallery> found = new ArrayList<>();
    double[] dir = new double[RATES.length];
    long[] ranks = new long[RANKS];
    long mated = 0;
    for (TemplateSubjects gallery : galleries) {
      Search search = new Search(features, gallery, probes);
      found.add(search.figures());
      for (int r = 0; r < RANKS; r++) {
        ranks[r] += search.upTo(r + 1);
      }
      mated += search.mated;
      for (int i = 0; i < dir.length; i++) {
        dir[i] += search.dir(RATES[i]) / galleries.size();
      }
    }
    double[] cmc = new double[RANKS];
    for (int r = 0; r < RANKS; r++) {
      cmc[r] = (double) ranks[r] / mated;
    }
    Map<String, Double> table = new LinkedHashMap<>();
    table.put("1e-4", dir[0]);
    table.put("1e-3", dir[25]);
    table.put("1e-2", dir[50]);
    table.put("1e-1", dir[75]);
    table.put("1", dir[100]);
    return new Identification(found, cmc, RATES.clone(), dir, table);
  }

  /** All probes against one gallery. */
  private static final class Search {
    private final int entries;
    private final int[] ranks;
    private final double[] found;
    private final double[] nonMated;
    private int mated;

    Search(TemplateFeatures features, TemplateSubjects gallery, TemplateSubjects probes) {
      entries = gallery.entries().size();
      ranks = new int[probes.entries().size()];
      found = new double[ranks.length];
      double[] nearest = new double[ranks.length];
      int others = 0;
      Set<String> subjects = new HashSet<>();
      gallery.entries().forEach(entry -> subjects.add(entry.subject()));
      try (INDArray stored = matrix(features, gallery.entries())) {
        for (int from = 0; from < ranks.length; from += BLOCK) {
          List<TemplateSubjects.Entry> block =
              probes.entries().subList(from, Math.min(from + BLOCK, ranks.length));
          float[][] similarities = similarities(features, block, stored);
          for (int p = 0; p < block.size(); p++) {
            if (subjects.contains(block.get(p).subject())) {
              rank(block.get(p).subject(), similarities[p], gallery);
            } else {
              nearest[others++] = maximum(similarities[p]);
            }
          }
        }
      }
      nonMated = Arrays.copyOf(nearest, others);
      Arrays.sort(nonMated);
    }

    private void rank(String subject, float[] similarities, TemplateSubjects gallery) {
      double own = Double.NEGATIVE_INFINITY;
      for (int g = 0; g < similarities.length; g++) {
        if (gallery.entries().get(g).subject().equals(subject)) {
          own = Math.max(own, similarities[g]);
        }
      }
      int rank = 1;
      for (int g = 0; g < similarities.length; g++) {
        if (similarities[g] >= own && !gallery.entries().get(g).subject().equals(subject)) {
          rank++;
        }
      }
      ranks[mated] = rank;
      found[mated++] = own;
    }

    private static float[][] similarities(
        TemplateFeatures features, List<TemplateSubjects.Entry> probes, INDArray stored) {
      try (INDArray rows = matrix(features, probes);
          INDArray product = rows.mmul(stored.transpose())) {
        return product.toFloatMatrix();
      }
    }

    private static INDArray matrix(
        TemplateFeatures features, List<TemplateSubjects.Entry> entries) {
      float[][] rows = new float[entries.size()][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = features.of(entries.get(i).template());
      }
      return Nd4j.createFromArray(rows);
    }

    private static double maximum(float[] values) {
      double maximum = Double.NEGATIVE_INFINITY;
      for (float value : values) {
        maximum = Math.max(maximum, value);
      }
      return maximum;
    }

    int upTo(int rank) {
      int count = 0;
      for (int i = 0; i < mated; i++) {
        if (ranks[i] <= rank) {
          count++;
        }
      }
      return count;
    }

    Gallery figures() {
      return new Gallery(
          entries,
          mated,
          nonMated.length,
          (double) upTo(1) / mated,
          (double) upTo(5) / mated,
          (double) upTo(10) / mated);
    }

    /** The threshold is the non-mated probes' similarity at place max(int(n far) - 1, 0). */
    double dir(double far) {
      if (mated == 0 || nonMated.length == 0) {
        return Double.NaN;
      }
      int place = Math.max((int) (nonMated.length * far) - 1, 0);
      double threshold = nonMated[nonMated.length - 1 - place];
      int count = 0;
      for (int i = 0; i < mated; i++) {
        if (ranks[i] == 1 && found[i] > threshold) {
          count++;
        }
      }
      return (double) count / mated;
    }
  }
}
