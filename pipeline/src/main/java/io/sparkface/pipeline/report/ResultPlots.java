package io.sparkface.pipeline.report;

import io.sparkface.pipeline.evaluate.EvaluationResult;
import io.sparkface.pipeline.evaluate.RocCurve;
import io.sparkface.pipeline.evaluate.ScoreHistogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Curves of the results on one set by one protocol.
 *
 * @param set what they are on
 */
record ResultPlots(String set, List<Material.Kept> results) {

  /** ROC, or CMC and DIR, of all. */
  List<Plot> curves() {
    List<Plot> plots = new ArrayList<>();
    roc().ifPresent(plots::add);
    plots.addAll(rates());
    return plots;
  }

  /** How the scores of each are spread. */
  List<Plot> histograms() {
    return results.stream().flatMap(kept -> histogram(kept).stream()).toList();
  }

  private String file(String kind) {
    return kind + "-" + set;
  }

  private Optional<Plot> roc() {
    List<Plot.Series> series = new ArrayList<>();
    StringBuilder told = new StringBuilder();
    double least = 1;
    for (Material.Kept kept : results) {
      RocCurve roc = kept.result().roc();
      if (roc != null && roc.far().length > 1) {
        series.add(withoutRise(kept.name(), roc));
        told.append(kept.name()).append(": area under the curve ");
        told.append(Html.figure(kept.result().figures().getOrDefault("auc", Double.NaN)));
        told.append(". ");
        least = Math.min(least, DoubleStream.of(roc.far()).filter(far -> far > 0).min().orElse(1));
      }
    }
    if (series.isEmpty()) {
      return Optional.empty();
    }
    double lowest = TrainingPlots.Range.of(series, Plot.Series::y).low();
    double low = Math.pow(10, Math.max(-6, Math.min(-1, Math.floor(Math.log10(least) - 1e-9))));
    return Optional.of(
        new Plot(
            file("roc"),
            "ROC on " + set,
            "True accept rate by false accept rate, which is on a logarithmic axis. Higher and"
                + " further left is better. "
                + told.toString().strip(),
            Axis.logarithmic("false accept rate (FAR)", low, 1),
            closely("true accept rate (TAR)", lowest),
            series,
            List.of()));
  }

  /** A good network's curve lies near the top. */
  private static Axis closely(String label, double lowest) {
    return lowest < 0.5 ? Axis.exactly(label, 0, 1) : Axis.linear(label, Math.min(lowest, 0.99), 1);
  }

  /** Where none is accepted falsely, the last point alone: a logarithmic axis has no zero. */
  private static Plot.Series withoutRise(String name, RocCurve roc) {
    int first = 0;
    while (first + 1 < roc.far().length && roc.far()[first + 1] == 0) {
      first++;
    }
    return Plot.Series.line(
        name,
        Arrays.copyOfRange(roc.far(), first, roc.far().length),
        Arrays.copyOfRange(roc.tar(), first, roc.tar().length));
  }

  private Optional<Plot> histogram(Material.Kept kept) {
    if (kept.result().scores() == null) {
      return Optional.empty();
    }
    ScoreHistogram scores = coarser(kept.result().scores());
    // the ends where nothing is are left out, to the next tenth
    int first = bins(scores).filter(bin -> count(scores, bin) > 0).findFirst().orElse(0);
    int last = bins(scores).filter(bin -> count(scores, bin) > 0).max().orElse(0);
    double width = (scores.high() - scores.low()) / scores.same().length;
    double from = Math.floor((scores.low() + first * width) * 10 + 1e-9) / 10;
    double to = Math.ceil((scores.low() + (last + 1) * width) * 10 - 1e-9) / 10;
    Plot.Series same = shares("same person", scores, scores.same());
    Plot.Series different = shares("two people", scores, scores.different());
    double highest =
        DoubleStream.concat(DoubleStream.of(same.y()), DoubleStream.of(different.y()))
            .filter(Double::isFinite)
            .max()
            .orElse(1);
    double threshold = kept.result().figures().getOrDefault("threshold", Double.NaN);
    return Optional.of(
        new Plot(
            file("scores-" + kept.name()),
            "Scores on " + set + (results.size() > 1 ? ", " + kept.name() : ""),
            "How the cosines of pairs of one person and of two people are spread. The less the two"
                + " overlap, the better."
                + (Double.isFinite(threshold)
                    ? " The vertical line is the threshold " + Html.figure(threshold) + "."
                    : ""),
            Axis.exactly("cosine", from, to),
            Axis.linear("share of the pairs of a kind", 0, highest),
            List.of(same, different),
            Double.isFinite(threshold)
                ? List.of(new Plot.Mark(threshold, "threshold"))
                : List.of()));
  }

  /** Few pairs in narrow bins make spikes. */
  private static ScoreHistogram coarser(ScoreHistogram scores) {
    long all = bins(scores).mapToLong(bin -> count(scores, bin)).sum();
    int joined = all < 500 ? 4 : all < 2000 ? 2 : 1;
    return scores.same().length % joined == 0
        ? new ScoreHistogram(
            scores.low(),
            scores.high(),
            joined(scores.same(), joined),
            joined(scores.different(), joined))
        : scores;
  }

  private static long[] joined(long[] counts, int width) {
    long[] sums = new long[counts.length / width];
    for (int i = 0; i < counts.length; i++) {
      sums[i / width] += counts[i];
    }
    return sums;
  }

  private static IntStream bins(ScoreHistogram scores) {
    return IntStream.range(0, scores.same().length);
  }

  private static long count(ScoreHistogram scores, int bin) {
    return scores.same()[bin] + scores.different()[bin];
  }

  /** The outline of the bars. */
  private static Plot.Series shares(String name, ScoreHistogram scores, long[] counts) {
    double all = Math.max(1, LongStream.of(counts).sum());
    double width = (scores.high() - scores.low()) / counts.length;
    double[] x = new double[2 * counts.length];
    double[] y = new double[2 * counts.length];
    for (int i = 0; i < counts.length; i++) {
      x[2 * i] = scores.low() + i * width;
      x[2 * i + 1] = scores.low() + (i + 1) * width;
      y[2 * i] = counts[i] / all;
      y[2 * i + 1] = counts[i] / all;
    }
    return new Plot.Series(name, x, y, Plot.Style.AREA, -1);
  }

  private List<Plot> rates() {
    List<Plot.Series> cmc = new ArrayList<>();
    List<Plot.Series> dir = new ArrayList<>();
    for (Material.Kept kept : results) {
      EvaluationResult.IdentificationRates rates = kept.result().rates();
      if (rates != null) {
        double[] ranks = IntStream.rangeClosed(1, rates.cmc().length).asDoubleStream().toArray();
        cmc.add(Plot.Series.line(kept.name(), ranks, rates.cmc()));
        dir.add(Plot.Series.line(kept.name(), rates.far(), rates.dir()));
      }
    }
    if (cmc.isEmpty()) {
      return List.of();
    }
    double least = TrainingPlots.Range.of(cmc, Plot.Series::y).low();
    return List.of(
        new Plot(
            file("cmc"),
            "CMC on " + set,
            "Share of probes whose person is among the nearest entries of the gallery, by how many"
                + " of them are looked at.",
            Axis.exactly("rank", 1, 20),
            Axis.linear("share of mated probes", least, 1),
            cmc,
            List.of()),
        new Plot(
            file("dir"),
            "DIR on " + set,
            "Share of probes found at rank 1 above the threshold, by the share of unknown people"
                + " above it.",
            Axis.logarithmic("false accept rate (FAR)", 1e-4, 1),
            closely(
                "detection and identification rate",
                TrainingPlots.Range.of(dir, Plot.Series::y).low()),
            dir,
            List.of()));
  }
}
